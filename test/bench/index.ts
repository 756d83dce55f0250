/** `npm run bench`: everything, or `npm run bench -- quick`: what takes no minutes. */
await import('./conformance.js');
await import('./logs.js');
await import('./learn.js');
await import('./inspect.js');
await import('./files.js');
await import('./service.js');
await import('./model.js');
