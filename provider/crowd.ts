/**
 * When the waits of a program may begin. A wait holds a slot of the engine for as long as DNS takes, and the engine
 * works in the order in which it is asked: a wait that is declared before the last records have them wait for it.
 */
import * as pulumi from "@pulumi/pulumi";

/** A setup that waits for another one's verification is never there before it: nothing is held back for longer. */
const quietMs = 500;

const making = new Set<pulumi.Resource>();
let waiting: (() => void)[] = [];
let quiet: NodeJS.Timeout | undefined;

/** Counts a setup until the engine has made it. */
export function joins(setup: pulumi.CustomResource): void {
	if (pulumi.runtime.isDryRun()) return;
	making.add(setup);
	setup.urn.apply(() => {
		making.delete(setup);
		moved();
	});
}

/** The same output, once every setup declared so far is made, or none has been for a while. */
export function afterCrowd<T>(output: pulumi.Output<T>): pulumi.Output<T> {
	if (pulumi.runtime.isDryRun()) return output;
	return output.apply(async (value) => {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			moved();
		});
		return value;
	}) as pulumi.Output<T>;
}

function moved(): void {
	clearTimeout(quiet);
	if (waiting.length === 0) return;
	quiet = setTimeout(go, making.size === 0 ? 0 : quietMs);
}

function go(): void {
	const all = waiting;
	waiting = [];
	for (const resolve of all) resolve();
}
