// What a peer shows, and whom it proves it to be.

export {
  defaultTokenTtlMs,
  type MintedToken,
  mintToken,
  type TokenHolder,
  verifyToken,
} from "./bootstrap-token.ts";
export { identityFromCertificate, type PeerTrust, peerChain } from "./peer-certificate.ts";
export { openTokenKey, type TokenKey } from "./token-key.ts";
