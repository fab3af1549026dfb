// Preloaded into every Node.js of a command: @pulumi/pulumi is loaded three times by each, and compiling it
// is a third of the cost. Program and provider get caches of their own, because Pulumi switches V8 flags on at
// different moments in them, and V8 rejects what was compiled under other flags.
const { enableCompileCache, flushCompileCache } = require("node:module");
const { tmpdir } = require("node:os");
const { basename, dirname, join } = require("node:path");

const role = basename(dirname(process.argv[1] ?? ""));
enableCompileCache(join(tmpdir(), "pulumi-channels-compile-cache", role));
// Node.js writes at the exit, and the engine ends a provider by a signal.
setTimeout(flushCompileCache, 1_000).unref();
