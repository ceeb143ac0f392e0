// Milliseconds → google.protobuf.Duration, one for all places that say the same.

import { type Duration, durationFromMs } from "@bufbuild/protobuf/wkt";
import { share } from "#encoding";
import { memoizeByIdentity } from "../model/memo.ts";

/** The same object for the same time, which must not be changed. */
export const durationOf = memoizeByIdentity((ms: number): Duration => share(durationFromMs(ms)));
