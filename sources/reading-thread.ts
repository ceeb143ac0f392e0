// The other thread of `read-many.ts`: reads the files whose paths it is started with, says what it found, and ends.
import { parentPort, workerData } from "node:worker_threads";
import { inParallel } from "./in-parallel.ts";
import { readText } from "./read-text.ts";

parentPort?.postMessage(await inParallel(workerData as readonly string[], readText));
