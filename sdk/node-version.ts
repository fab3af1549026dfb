/** As in package.json (`engines`): what undici needs. */
const oldestNode = "22.19.0";

/**
 * Why this Node.js cannot do the work, if it cannot. To be asked before anything else is loaded: on an older one some
 * module fails in the middle of that.
 */
export function nodeProblem(version = process.versions.node): string | undefined {
	const older = version.localeCompare(oldestNode, "en", { numeric: true }) < 0;
	return older
		? `pulumi-channels needs Node.js ${oldestNode} or newer, and this is ${version} (${process.execPath}): install a ` +
				"newer one, or put it first on the PATH."
		: undefined;
}
