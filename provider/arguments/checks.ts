/** What is wrong with arguments, by their description. All of it is known in a preview, before anything is changed. */
import type { Argument, Kind, ObjectKind } from "./argument.js";
import { namesOf, resources } from "./description.js";
import type { RecordKind, SesSetupInputs } from "./inputs.js";
import { kindsFor } from "./record-kinds.js";
import { hasUnknown, unknownValue } from "./unknown.js";

export interface ArgumentProblem {
	/** Path of the argument, such as `route53.ttl`. */
	property: string;
	/** Completes a sentence that begins with the argument's name. */
	reason: string;
}

/** Everything that is wrong with the arguments of a resource; unknown values pass. */
export function argumentProblems(kind: keyof typeof resources, inputs: object): ArgumentProblem[] {
	const problems = problemsOf(resources[kind], inputs, "");
	const { route53, ...own } = inputs as { route53?: Record<string, unknown> } & Record<string, unknown>;
	for (const [path, args] of [
		["route53.", route53],
		["", own],
	] as const) {
		if (args && typeof args === "object" && args.externalId !== undefined && args.roleArn === undefined) {
			problems.push({ property: `${path}externalId`, reason: "needs roleArn: it goes with the role" });
		}
	}
	return [...problems, ...(kind === "SesSetup" ? uselessWait(inputs) : [])];
}

/** What every API asks for. Of all else a program need not know: it is not waited for where it is not published. */
const askedByAll: readonly RecordKind[] = ["dkim", "mx", "dmarc"];

/** A wait for what is not published would never end. */
function uselessWait({ route53, waitPurpose }: Partial<SesSetupInputs>): ArgumentProblem[] {
	const records = route53?.records;
	if (!Array.isArray(records) || hasUnknown([records, waitPurpose])) return [];
	const needed = waitPurpose === undefined || waitPurpose === "published" ? [] : kindsFor(waitPurpose);
	const missing = needed.filter((kind) => askedByAll.includes(kind) && !records.includes(kind));
	if (missing.length === 0) return [];
	return [
		{
			property: "waitForVerification.purpose",
			reason:
				`is ${JSON.stringify(waitPurpose)}, which needs ${missing.join(" and ")}, and route53.records leaves that out; ` +
				"without a purpose the wait is for what is published",
		},
	];
}

/** Absent values pass unless they are required, and unknown ones always do. */
function argumentProblem(argument: Argument, value: unknown, path: string): ArgumentProblem[] {
	const property = argument.hidden?.path ?? path;
	if (value === undefined || value === null)
		return argument.required === undefined
			? []
			: [{ property, reason: `is missing; give ${argument.required}` }];
	return value === unknownValue ? [] : problemsOf(argument.kind, value, property);
}

function problemsOf(kind: Kind, value: unknown, property: string): ArgumentProblem[] {
	const refused = (reason: string | undefined): ArgumentProblem[] =>
		reason === undefined ? [] : [{ property, reason }];
	switch (kind.type) {
		case "anything":
			return [];
		case "string":
			if (typeof value !== "string") return refused(`must be a string, not ${kindOf(value)}`);
			return refused(kind.judge?.(value));
		case "boolean":
			return typeof value === "boolean" ? [] : refused(`must be true or false, not ${kindOf(value)}`);
		case "integer": {
			const { from, to, unit } = kind;
			if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) return [];
			return refused(
				`must be a whole number of ${unit} from ${from} to ${to.toLocaleString("en")}, not ${JSON.stringify(value)}`,
			);
		}
		case "choice": {
			const given = kind.several && Array.isArray(value) ? value : [value];
			if (given.length === 0) return refused("is an empty list; name one of them, or leave it out");
			const unknown = given.find((each) => each !== unknownValue && !kind.choices.includes(each as string));
			if (unknown === undefined) return [];
			const choices = kind.choices.map((choice) => `"${choice}"`).join(" or ");
			return refused(
				`must be ${choices}${kind.several ? ", or a list of them" : ""}, not ${JSON.stringify(unknown)}`,
			);
		}
		case "list":
			if (!Array.isArray(value)) return refused(`must be a list, not ${kindOf(value)}`);
			if (value.length === 0) return refused(`is empty; give ${kind.example}`);
			return value.flatMap((each, index) => argumentProblem(kind.item, each, `${property}[${index}]`));
		case "switch":
			// The classes turn `true` into an object, and `false` into nothing.
			return problemsOf(kind.on, value, property);
		case "object":
			if (typeof value !== "object" || value === null || Array.isArray(value))
				return refused(`must be an object, not ${kindOf(value)}`);
			return fieldProblems(kind, value as Record<string, unknown>, property);
	}
}

function fieldProblems(kind: ObjectKind, given: Record<string, unknown>, path: string): ArgumentProblem[] {
	const at = (name: string) => (path ? `${path}.${name}` : name);
	const unexpected = Object.keys(given)
		.filter((name) => !(name in kind.fields) && given[name] !== undefined)
		.map((name) => ({
			property: at(name),
			reason: `is no argument of ${kind.what}; it takes ${namesOf(kind).join(", ")}`,
		}));
	return [
		...Object.entries(kind.fields).flatMap(([name, argument]) =>
			argumentProblem(argument, given[name], at(name)),
		),
		...unexpected,
	];
}

function kindOf(value: unknown): string {
	if (value === null) return "nothing";
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : `the ${typeof value} ${JSON.stringify(value)}`;
}
