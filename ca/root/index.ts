// Where the issuing key comes from: a root of our own kept in the state directory, or an operator's CA.

export {
  type AuthorityProblem,
  type AuthorityProblemCode,
  renderAuthorityProblem,
} from "./authority-problem.ts";
export { buildIssuer, type Issuer, type IssuerMaterial, type Piece } from "./issuer.ts";
export { openPluggedIn, type PluggedIn, type PluggedInPaths, pluggedInNames } from "./plugged-in.ts";
export { makeRoot, openSelfSigned, type RootPem, type RootWish } from "./self-signed.ts";
export { loadOrCreate, type StateFiles, type StateFolder } from "./state-folder.ts";
