export type { Engine, EngineEnvOptions, EngineRunOptions } from "./engine.js";
export { EngineUnavailableError, type EnsureOptions, ensurePulumi } from "./ensure.js";
export { defaultCacheDir } from "./paths.js";
export type { ProcessOptions, ProcessResult, RunningProcess } from "./process.js";
export type { Origin } from "./source.js";
export { runOnTerminal } from "./terminal.js";
