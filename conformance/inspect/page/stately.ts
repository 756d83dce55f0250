/**
 * Hands the events of programs to the hosted inspector, as the bridge of the official package does: it waits until the
 * hosted inspector says that it listens, and then posts the official events unchanged, to that origin only.
 */
const origin = 'https://stately.ai';
const frame = document.querySelector('iframe');
const waiting: unknown[] = [];
let isConnected = false;

function post(event: unknown): void {
  frame?.contentWindow?.postMessage(event, origin);
}

window.addEventListener('message', ({ data, origin: from }: MessageEvent<unknown>) => {
  const isWord = typeof data === 'object' && data !== null && 'type' in data;
  if (from !== origin || !isWord || data.type !== '@statelyai.connected') return;
  isConnected = true;
  for (const event of waiting.splice(0)) post(event);
});

// The hosted inspector speaks as soon as it is loaded, so the listener above comes first.
frame?.setAttribute('src', `${origin}/inspect`);

const socket = new WebSocket(`ws://${location.host}/`);
socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const event: unknown = JSON.parse(data);
  if (isConnected) post(event);
  else waiting.push(event);
});
