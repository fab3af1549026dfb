import type { Command } from "commander";
import { argumentProblems } from "../provider/arguments/checks.js";
import { unknownValue } from "../provider/arguments/unknown.js";
import type { Route53Inputs } from "../provider/core/inputs.js";
import { usageError } from "./command-failure.js";

/** The fields of `route53` in a program, each as an option of the same name. */
const route53Options = {
	zoneId: ["--zone-id <id>", "hosted zone; default: the longest public one that covers the domain"],
	records: ["--records <kinds>", "which to publish, such as dkim,mx; default: all but other"],
	ttl: ["--ttl <seconds>", "time to live of new record sets"],
	onConflict: ["--on-conflict <kind=policy,…>", "such as dmarc=keep,mx=overwrite"],
	delegationCheck: ["--delegation-check <policy>", "error, warn or off"],
	region: ["--region <region>", "of the calls to AWS"],
	profile: ["--profile <name>", "of the shared AWS configuration"],
	roleArn: ["--role-arn <arn>", "IAM role to assume"],
	externalId: ["--external-id <id>", "for that role"],
} as const;

type Field = keyof typeof route53Options;

export const allRoute53Fields = Object.keys(route53Options) as Field[];

export function addRoute53Options(command: Command, fields: readonly Field[]): Command {
	for (const [flags, description] of fields.map((field) => route53Options[field])) {
		command.option(flags, `route53: ${description}`);
	}
	return command;
}

/** @throws Failure where fields are given without the option that gives them a meaning */
export function requireWith(option: string, given: true | undefined, fields: object): void {
	const [stray] = Object.keys(present(fields));
	if (!given && stray) throw usageError(`${optionOf(stray)} goes with ${option}`);
}

export type Route53Options = { [Key in Field]?: string | undefined };

/** Of a command's options, those that stand for fields of `route53`. */
export const route53Of = (options: Route53Options): Route53Options =>
	present(Object.fromEntries(allRoute53Fields.map((field) => [field, options[field]])));

/** The arguments that a program would have. @throws Failure naming the option and the right form */
export function readRoute53(options: Route53Options): Route53Inputs {
	const { records, ttl, onConflict } = options;
	const given = present({
		...options,
		records: records?.split(",").map((kind) => kind.trim()),
		ttl: ttl !== undefined && /^\d+$/.test(ttl) ? Number(ttl) : ttl,
		onConflict: onConflict === undefined ? undefined : readPolicies(onConflict),
	});
	const names = { tenantName: unknownValue, domainIdentity: unknownValue };
	const [problem] = argumentProblems("SesSetup", { ...names, route53: given });
	if (problem) throw usageError(`${optionOf(problem.property)} ${problem.reason}`);
	return given as Route53Inputs;
}

function readPolicies(text: string): Record<string, string> {
	return Object.fromEntries(
		text.split(",").map((each) => {
			const [kind = "", policy, ...rest] = each.split("=");
			if (policy === undefined || rest.length > 0) {
				throw usageError(`--on-conflict must look like dmarc=keep,mx=overwrite, not ${JSON.stringify(text)}`);
			}
			return [kind.trim(), policy.trim()];
		}),
	);
}

/** `route53.onConflict.mx` → `--on-conflict mx`: the option that the argument came from. Lists are one option. */
export function optionOf(property: string): string {
	const [argument = "", ...inside] = property
		.replace(/^(route53|waitForVerification)\./, "")
		.replace(/\[\d+\]$/, "")
		.split(".");
	const option = argument.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
	return [`--${option}`, ...inside].join(" ");
}

/** Without the fields that are undefined. */
export function present<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[Key in keyof T]?: Exclude<T[Key], undefined>;
	};
}
