// Where set-up keeps things, all inside the checkout and all ignored by git.

import { fileURLToPath } from "node:url";

/** The checkout's folder, without a slash at the end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** Where fetched Envoys are unpacked, one folder for each release. */
export const ENVOY_FOLDER = `${ROOT}/.envoy`;

/** The descriptor image that the scan writes and `buf` reads. */
export const IMAGE = `${ROOT}/protos/descriptors.binpb`;

/** What `buf` generates. */
export const GENERATED = `${ROOT}/protos/gen`;

/** The file in it that holds the key of the inputs it was made from. */
export const KEY_NAME = ".key";
