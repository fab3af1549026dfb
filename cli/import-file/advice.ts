/** What is said to the person beside the file. Pure. */

import { defaults } from "../../provider/arguments/description.js";
import type { RecordsOutputs } from "../../provider/core/inputs.js";
import type { TakenSetup } from "./resources.js";

/** The command that takes the file in. */
export const importCommand = (file: string): string =>
	`pulumi import --file ${/^[\w./-]+$/.test(file) ? file : JSON.stringify(file)} --generate-code=false --protect=false`;

/** The program of which the file is the state. */
export function programText(taken: readonly TakenSetup[]): string[] {
	return [
		'import { SesSetup } from "pulumi-channels";',
		"",
		...taken.map(({ wanted: { name, route53, wait }, setup: { inputs } }) => {
			const args = {
				tenantName: inputs.tenantName,
				domainIdentity: inputs.domainIdentity,
				...(route53 && { route53: trueIfEmpty(route53) }),
				...(wait && { waitForVerification: trueIfEmpty(wait) }),
			};
			return `new SesSetup(${JSON.stringify(name)}, ${literal(args)});`;
		}),
	];
}

const trueIfEmpty = (value: object) => (Object.keys(value).length === 0 ? true : value);

/** A literal on one line. Keys are names of arguments, so they need no quotes. */
function literal(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	return `{ ${Object.entries(value)
		.map(([key, each]) => `${key}: ${literal(each)}`)
		.join(", ")} }`;
}

/** What the next `pulumi up` will do although the program matches, or would surprise somebody later. */
export function notes(taken: readonly TakenSetup[]): string[] {
	return taken.flatMap(({ setup, records, verification }) => {
		const domain = setup.inputs.domainIdentity;
		const waits = verification && !("verifiedDomain" in verification.outputs);
		return [
			...(records ? recordNotes(records.outputs) : []),
			...(waits ? ["not verified yet: the next `pulumi up` waits for it"] : []),
		].map((note) => `${domain}: ${note}`);
	});
}

function recordNotes({ drift, written, kept, ttl: wanted = defaults.ttl }: RecordsOutputs): string[] {
	const ttls = [...new Set(written.map(({ ttl }) => ttl))].filter((ttl) => ttl !== wanted);
	return [
		...drift.map((each) => `the next \`pulumi up\` puts this right: ${each}`),
		...kept.map(({ type, name, reason }) =>
			reason === "identical"
				? `${type} ${name} stays somebody else's: destroy leaves it`
				: `${type} ${name} stays as it is, and ours is not published`,
		),
		...(ttls.length > 0
			? [
					`records stand with a TTL of ${ttls.join(" and ")} s; they keep it until they are next written, then get ${wanted} s` +
						(ttls.length === 1
							? ` (\`ttl: ${ttls[0]}\` in the program and --ttl ${ttls[0]} here keep it for good)`
							: ""),
				]
			: []),
	];
}
