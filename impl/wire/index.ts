/** Everything that goes over a wire or stands in a file or a keyring, as bytes and back. */
export { copied, DecodeError, room } from './bytes.js';
export type { Mismatch } from './bytes.js';
export { aes192Code, cipherOfCode, codeOfCipher } from './cipher-code.js';
export type { CipherName, CodedCipher } from './cipher-code.js';
export {
  decodeDevicePacket,
  deviceHeadBytes,
  deviceWriteMaxBytes,
  encodeDevicePacket,
} from './device.js';
export {
  decodeHeader,
  encodeHeader,
  encodeSize,
  hasMarker,
  headerBytesMax,
  headerBytesMin,
  headerFlags,
  headerVersion,
} from './header.js';
export type { FileHeader, HeaderPlace } from './header.js';
export {
  contentMax,
  decodeContent,
  decodeKeyReply,
  decodeKeyRequest,
  encodeContent,
  encodeKeyReply,
  encodeKeyRequest,
  failureOf,
  fileKeyMax,
  keyTags,
} from './key-request.js';
export type { Content, KeyReply, KeyRequest } from './key-request.js';
export { encodeLength, lengthMax } from './length.js';
export { messageTypes } from './message.js';
export type { Endian, MessageType, WireMessage } from './message.js';
export {
  decodeNetlink,
  decodeNetlinkMessage,
  encodeNetlinkMessage,
  netlinkHeaderBytes,
} from './netlink.js';
export type { Datagram, NetlinkOptions } from './netlink.js';
export { decodeNameText, encodeNameText, isEncryptedName, namePrefix } from './name-text.js';
export type { FileToken } from './packet-set.js';
export { isSignature, signatureBytes, signatureDigits } from './signature.js';
export { decodeTag1, encodeTag1, encryptedKeyMax } from './tag-1.js';
export type { Tag1 } from './tag-1.js';
export { decodeTag11, encodeTag11 } from './tag-11.js';
export type { Tag11 } from './tag-11.js';
export { decodeTag3, encodeTag3, saltBytes } from './tag-3.js';
export type { Tag3 } from './tag-3.js';
export { decodeTag70, encodeTag70 } from './tag-70.js';
export type { Tag70 } from './tag-70.js';
export {
  blobMax,
  decodeToken,
  encodeToken,
  fekekBytes,
  moduleNameMax,
  tokenBytes,
} from './token.js';
export type { KeyToken } from './token.js';
