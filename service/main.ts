#!/usr/bin/env node
import type { ErrorCode } from "./error-codes.js";

/** As in package.json (`engines`): what the database of Node.js needs. */
const oldestNode = "22.21.0";

const { node } = process.versions;
// An older one cannot even load the command.
if (node.localeCompare(oldestNode, "en", { numeric: true }) < 0) {
	process.stderr.write(
		`channels-api: the Channels API needs Node.js ${oldestNode} or newer, and this is ${node} (${process.execPath}): ` +
			`install a newer one, or put it first on the PATH. [${"node-too-old" satisfies ErrorCode}]\n`,
	);
	process.exitCode = 1;
} else {
	await import("./command.js");
}
