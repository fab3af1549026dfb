// A service in a process of its own, to be killed and paused: `node service-child.mjs <config as JSON> <clock offset in ms>`.
// Prints its address on one line once it listens.
import { startService } from "../../service/dist/index.js";

const [config = "{}", offsetMs = "0"] = process.argv.slice(2);
const { now } = Date;
Date.now = () => now() + Number(offsetMs);
const service = await startService(JSON.parse(config));
process.stdout.write(`${service.url}\n`);
process.on("SIGTERM", () => service.stop());
process.on("message", () => {
	globalThis.gc?.();
	process.send?.(process.memoryUsage().heapUsed);
});
// Whoever started it is gone. That alone is to keep nothing running.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
