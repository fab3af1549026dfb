import { groups, namesOf } from "./arguments/description.js";

/** What each resource of a setup is to ignore, in the names of its own inputs. */
export interface IgnoredChanges {
	setup: string[];
	records: string[];
	verification: string[];
}

/**
 * `ignoreChanges` of a `SesSetup` names its arguments. Some of them are inputs of its children, and Pulumi hands this
 * option down to no child; some the setup itself has under another name.
 *
 * @param paths in Pulumi's syntax: `route53.ttl`, `route53["ttl"]`, `*`.
 */
export function ignoredChanges(paths: readonly string[]): IgnoredChanges {
	const ignored: IgnoredChanges = { setup: [], records: [], verification: [] };
	for (const path of paths) {
		const [argument, inside] = split(path);
		if (argument === "waitForVerification") {
			const fields = fieldsOf("Wait", inside);
			ignored.setup.push(...fields.map(inputOfSetup));
			ignored.verification.push(...fields);
			continue;
		}
		ignored.setup.push(path);
		if (argument === "route53" || argument === "*") {
			const fields = fieldsOf("Route53", inside);
			ignored.records.push(...fields);
			if (fields.some((field) => split(field)[0] === "records")) ignored.verification.push("published");
		}
		if (argument === "*") ignored.verification.push(...fieldsOf("Wait", ""));
	}
	return ignored;
}

/** Never `*` itself: what the children have of the setup must follow it. */
const fieldsOf = (group: "Route53" | "Wait", inside: string): string[] =>
	inside === "" || inside === "*" ? namesOf(groups[group]) : [inside];

/** `timeout` → `waitTimeout` */
function inputOfSetup(field: string): string {
	const [name, inside] = split(field);
	return `wait${name.charAt(0).toUpperCase()}${name.slice(1)}${inside}`;
}

/** `route53.onConflict.mx` → `route53` and `onConflict.mx`. */
function split(path: string): [string, string] {
	const [, quoted, bare, inside = ""] = /^(?:\["([^"]*)"\]|([^.[]+))\.?(.*)$/.exec(path) ?? [];
	return [quoted ?? bare ?? path, inside];
}
