import type { RequirementId } from '../../../model/index.js';

/**
 * What can be wrong with the daemon of this folder, one thing at a time.
 *
 * By principle: each thing that it says is missing, doubled or altered; each field of a request is not
 * bounded or compared too little; each failure is taken for success; and what should end goes on.
 */

type Row = readonly [rule: RequirementId, text: string];

const rows = {
  'no-helo': ['DMN-1', 'it starts without a word'],
  'helo-twice': ['DMN-1', 'it sends HELO twice'],
  'no-quit-on-stop': ['DMN-2', 'it ends without a word'],
  'quits-twice': ['DMN-2', 'it sends QUIT twice'],
  'stop-status': ['DMN-3', 'asked to end, it exits with status 1'],
  'ignores-quit': ['DMN-4', 'it passes over QUIT'],
  'quit-status': ['DMN-4', 'told to quit, it exits with status 5'],
  'serves-after-quit': ['DMN-6', 'it answers requests after it has exited'],
  'exits-again': ['DMN-6', 'told to quit when it has ended, it exits again'],
  'answers-twice': ['DMN-7', 'every response comes twice'],
  'first-only': ['DMN-7', 'only the first request gets a response'],
  'stops-after-33': ['DMN-7', 'the 34th request and all after it get no response'],
  'silent-on-zero-seq': ['DMN-7', 'a request with number 0 gets no response'],
  'silent-on-same': ['DMN-7', 'a request with the bytes of the one before it gets no response'],
  'index-zero': ['DMN-8', 'every response carries index 0'],
  'index-8-bits': ['DMN-8', 'the index is cut to 8 bits'],
  'forgets-large': ['DMN-7', 'a datagram of more than 1024 bytes is passed over'],
  'index-signed': ['DMN-8', 'an index above 2^31 - 1 is cut to that'],
  'seq-plus-one': ['DMN-9', 'the number is one too high'],
  'seq-16-bits': ['DMN-9', 'the number is cut to 16 bits'],
  'seq-signed': ['DMN-9', 'a number above 2^31 - 1 is cut to that'],
  'seq-of-last': ['DMN-9', 'a response carries the number of the request before'],
  'content-cut': ['DMN-10', 'the last decrypted byte is missing'],
  'content-32': ['DMN-10', 'more than 32 decrypted bytes are cut off'],
  'stops-at-nul': ['DMN-10', 'decrypted bytes end before the first that is 0'],
  'length-signed': ['DMN-10', 'the second byte of a length is read with a sign'],
  'refuses-leading-zero': ['DMN-10', 'an encrypted key that begins with 0 gets a failure'],
  'status-inverted': ['DMN-10', 'status 0 means failure and 1 success'],
  'swaps-replies': ['DMN-10', 'Tag 64 is answered by Tag 67, and Tag 66 by Tag 65'],
  echoes: ['DMN-11', 'what is to be encrypted comes back as it was'],
  'older-padding': ['DMN-11', 'it encrypts with the padding of PKCS #1 version 1.5'],
  'no-leading-zero': ['DMN-11', 'a 0 at the beginning of an encrypted key is left out'],
  'encrypts-request': ['DMN-11', 'it encrypts the whole request'],
  'mends-checksum': ['DMN-12', 'a wrong checksum is made right'],
  'no-empty-key': ['DMN-12', 'a key without bytes gets a failure'],
  'refuses-zeros': ['DMN-12', 'a content of nothing but 0 gets a failure'],
  'cipher-zeroed': ['DMN-12', 'a cipher code that is not known becomes 0'],
  'silent-on-unknown-key': ['DMN-13', 'a key that is not there gets no response'],
  'zeros-for-unknown-key': ['DMN-13', 'a key that is not there gets success and 16 bytes of 0'],
  'failure-of-tag-65': ['DMN-13', 'every failure has reply tag 65'],
  'zeros-for-damaged': ['DMN-14', 'what cannot be decrypted gets success and 16 bytes of 0'],
  'silent-on-damaged': ['DMN-14', 'what cannot be decrypted gets no response'],
  'empty-for-no-room': ['DMN-14', 'what cannot be encrypted gets success and no bytes'],
  'older-padding-too': ['DMN-14', 'bytes in the padding of PKCS #1 version 1.5 are decrypted too'],
  'fills-with-zeros': ['DMN-14', 'what is missing of encrypted bytes is taken for 0'],
  'takes-last-bytes': ['DMN-14', 'of encrypted bytes that are too many the last are decrypted'],
  'tries-all-keys': ['DMN-15', 'what the named key does not decrypt is tried with the others'],
  'first-key': ['DMN-15', 'the first key of the keyring serves every request'],
  'last-key': ['DMN-15', 'the key that was added last serves every request'],
  'signature-8': ['DMN-15', 'only 8 digits of a signature are compared'],
  'signature-15': ['DMN-15', 'only 15 digits of a signature are compared'],
  'signature-text': ['DMN-15', 'a signature ends at a NUL, and what stands before it is compared'],
  'signature-7-bits': ['DMN-15', 'the high bits of a signature are not compared'],
  'signature-sum': ['DMN-15', 'the order of the digits is not compared'],
  'prefix-module': ['DMN-16', 'a module is found by the beginning of what the token says'],
  'module-prefix': ['DMN-16', 'a module is found by the beginning of its name'],
  'any-module': ['DMN-16', 'the module of a token is not looked at'],
  'module-ending': ['DMN-16', 'a module is found by the end of what the token says'],
  'module-blanks': ['DMN-16', 'blanks around the name of a module are passed over'],
  'module-case': ['DMN-16', 'a module is found in capitals too'],
  'key-of-last': ['DMN-17', 'a key that cannot be opened is replaced by the one opened last'],
  'key-of-file': ['DMN-17', 'a file that was opened once is open to every token'],
  'key-outlives-reset': ['DMN-17', 'a key that was opened once stays so through a reset'],
  'zeros-for-no-file': ['DMN-17', 'a key that cannot be opened gives success and 16 bytes of 0'],
  'over-reads': ['DMN-18', 'what is missing of a field is read as 0'],
  'cuts-fields': ['DMN-18', 'a field ends where the request ends, whatever its length says'],
  'length-code-alone': ['DMN-18', 'a byte of 224 to 254 is a length as it stands'],
  'five-bytes-16-bits': ['DMN-18', 'of a length in five bytes the last two are read'],
  'any-signature-length': ['DMN-18', 'of a signature of any length 16 digits are taken'],
  'fixed-signature': ['DMN-18', 'the length of a signature is not looked at'],
  'silent-on-malformed': ['DMN-18', 'a malformed request gets no response'],
  'dies-of-missing-file': ['DMN-19', 'a key without a file brings it down'],
  'dies-of-empty': ['DMN-19', 'a request without a byte brings it down'],
  'dies-of-long-length': ['DMN-19', 'a length beyond the request brings it down'],
  'dies-of-five-bytes': ['DMN-19', 'the length of five bytes brings it down'],
  'dies-of-half-length': ['DMN-19', 'a length whose second byte is missing brings it down'],
  'dies-of-empty-token': ['DMN-19', 'a token without a byte brings it down'],
  'dies-of-padding': ['DMN-19', 'a datagram that is longer than it says brings it down'],
  'dies-of-length-zero': ['DMN-19', 'a datagram that says that it has no byte brings it down'],
  'dies-of-large': ['DMN-19', 'a payload of more than 10,000 bytes brings it down'],
  'dies-of-unknown-tag': ['DMN-19', 'an unknown tag brings it down'],
  'dies-of-noise': ['DMN-19', 'a datagram that is no message brings it down'],
  'deaf-after-malformed': ['DMN-7', 'after a malformed request it serves none'],
  'trailing-wrong': ['DMN-20', 'bytes behind the last field are encrypted or decrypted with it'],
  'five-bytes-8-bits': ['DMN-20', 'of a length in five bytes the last is read'],
  'success-of-unknown-tag': ['DMN-21', 'an unknown tag gets status 0'],
  'decrypts-unknown-tag': ['DMN-21', 'an unknown tag is taken for a request to decrypt'],
  'three-more': ['DMN-22', 'three bytes stand behind an encrypted key'],
  'one-more-65': ['DMN-22', 'a byte stands behind a decrypted key'],
  'five-byte-reply': ['DMN-22', 'lengths of replies have five bytes'],
  'answers-noise': ['DMN-23', 'a datagram that is no message gets a failure'],
  'serves-in-part': ['DMN-23', 'a request that says that it is longer is served'],
  'answers-helo': ['DMN-24', 'HELO is answered by HELO'],
  'answers-response': ['DMN-24', 'a RESPONSE is served like a request'],
  'says-helo-of-keys': ['DMN-25', 'a new key makes it send HELO'],
  'tenth-quits': ['DMN-25', 'after every tenth request it sends QUIT'],
  'keeps-keyring': ['DMN-26', 'a reset leaves the keyring as it is'],
} as const satisfies Record<string, Row>;

/** The name of a fault. */
export type DaemonFaultId = keyof typeof rows;

/** One fault, with the rule that it breaks. */
export interface DaemonFault {
  readonly id: DaemonFaultId;
  readonly requirement: RequirementId;
  readonly text: string;
}

/** Every fault. */
export const daemonFaults: readonly DaemonFault[] = Object.entries<Row>(rows).map(
  // Object.entries widens the keys of a constant object to string.
  ([id, [requirement, text]]) => ({ id: id as DaemonFaultId, requirement, text }),
);

/** Says whether a fault is switched on. */
export type HasDaemonFault = (id: DaemonFaultId) => boolean;
