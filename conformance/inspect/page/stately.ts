/**
 * Hands what programs tell to the hosted inspector, as the bridge of the official package does: it waits
 * for the word that the other side listens, and posts the official events unchanged. Only the hosted
 * inspector's own origin is told anything.
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

// The other side speaks as soon as it is there: somebody must listen by then.
frame?.setAttribute('src', `${origin}/inspect`);

const socket = new WebSocket(`ws://${location.host}/`);
socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const event: unknown = JSON.parse(data);
  if (isConnected) post(event);
  else waiting.push(event);
});
