/** What every argument must look like. All of it is known in a preview, before anything is changed. */
import { canonicalName, domainProblem } from "../../dns/index.js";
import { tenantNameProblem } from "../../sdk/arguments.js";
import { awsForms, type Form, formProblem } from "./aws-forms.js";
import { formatDuration, parseDuration } from "./duration.js";
import { unknownValue } from "./unknown.js";

export interface ArgumentProblem {
	/** Path of the argument, such as `route53.ttl`. */
	property: string;
	/** Completes a sentence that begins with the argument's name. */
	reason: string;
}

/** What is wrong with a value, or undefined. */
type Rule = (value: unknown, path: string) => ArgumentProblem[];
type Judge = (value: unknown) => string | undefined;

const rule =
	(judge: Judge): Rule =>
	(value, property) => {
		const reason = judge(value);
		return reason === undefined ? [] : [{ property, reason }];
	};

/** Undefined, null and unknown values pass. */
const optional =
	(inner: Rule): Rule =>
	(value, path) =>
		value === undefined || value === null || value === unknownValue ? [] : inner(value, path);

const required =
	(inner: Rule, example: string): Rule =>
	(value, path) =>
		value === undefined || value === null
			? [{ property: path, reason: `is missing; give ${example}` }]
			: optional(inner)(value, path);

const text = (judge: (text: string) => string | undefined = () => undefined): Rule =>
	rule((value) => (typeof value === "string" ? judge(value) : `must be a string, not ${kindOf(value)}`));

const formed = (form: Form): Rule => text((value) => formProblem(form, value));

const oneOf = (...choices: string[]): Rule =>
	rule((value) =>
		choices.includes(value as string)
			? undefined
			: `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}, not ${JSON.stringify(value)}`,
	);

const flag: Rule = rule((value) =>
	typeof value === "boolean" ? undefined : `must be true or false, not ${kindOf(value)}`,
);

const integer = (from: number, to: number, unit: string): Rule =>
	rule((value) =>
		Number.isInteger(value) && (value as number) >= from && (value as number) <= to
			? undefined
			: `must be a whole number of ${unit} from ${from} to ${to.toLocaleString("en")}, not ${JSON.stringify(value)}`,
	);

const record =
	(fields: Record<string, Rule>, what: string): Rule =>
	(value, path) => {
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			return [{ property: path, reason: `must be an object, not ${kindOf(value)}` }];
		}
		const given = value as Record<string, unknown>;
		const at = (key: string) => (path ? `${path}.${key}` : key);
		const unexpected = Object.keys(given)
			.filter((key) => !(key in fields) && given[key] !== undefined)
			.map((key) => ({
				property: at(key),
				reason: `is no argument of ${what}; it takes ${Object.keys(fields)
					.filter((name) => !hidden.has(name))
					.join(", ")}`,
			}));
		return [...Object.entries(fields).flatMap(([key, check]) => check(given[key], at(key))), ...unexpected];
	};

const list =
	(item: Rule, example: string): Rule =>
	(value, path) => {
		if (!Array.isArray(value)) return [{ property: path, reason: `must be a list, not ${kindOf(value)}` }];
		if (value.length === 0) return [{ property: path, reason: `is empty; give ${example}` }];
		return value.flatMap((each, index) => item(each, `${path}[${index}]`));
	};

const anything: Rule = () => [];

/** What our own classes pass along. */
const hidden = new Set(["statusUrn", "__provider", "waitPurpose", "waitTimeout"]);
const passedAlong = { statusUrn: anything, __provider: anything };

const policy = optional(oneOf("error", "keep", "overwrite"));

const purpose = optional(oneOf("all", "sending", "receiving"));

const longestTimeoutMs = 72 * 3_600_000;

const timeout = optional(
	text((value) => {
		const ms = parseDuration(value);
		if (ms === undefined)
			return `must be a time such as "90s", "20m" or "1h30m", not ${JSON.stringify(value)}`;
		if (ms === 0) return "must be longer than nothing";
		// SES looks for 72 hours and then gives up (SES Developer Guide, "Verifying a domain identity").
		return ms > longestTimeoutMs
			? `must be at most ${formatDuration(longestTimeoutMs)}, not ${value}`
			: undefined;
	}),
);

const route53Fields = {
	zoneId: optional(formed(awsForms.hostedZoneId)),
	ttl: optional(integer(1, 172_800, "seconds")),
	onConflict: optional(record({ dmarc: policy, mx: policy, other: policy }, "onConflict")),
	delegationCheck: optional(oneOf("error", "warn", "off")),
	region: optional(formed(awsForms.region)),
	profile: optional(
		text((value) => (value.trim() === "" ? "is empty; name a profile, or leave it out" : undefined)),
	),
	roleArn: optional(formed(awsForms.roleArn)),
	externalId: optional(formed(awsForms.externalId)),
};

const uuid = formed({
	expression: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
	form: "the UUID of a setup: SesSetup.id",
});

const dnsRecords = required(
	list(
		optional(
			record(
				{
					address: required(text(), "a host name"),
					type: required(oneOf("CNAME", "MX", "TXT"), "the record's type"),
					record: required(text(), "the record's value"),
					verified: anything,
				},
				"a DNS record",
			),
		),
		"SesSetup.dnsRecords",
	),
	"SesSetup.dnsRecords",
);

const publishedZone = {
	name: required(text(), "the zone's name"),
	nameServers: optional(list(text(), "the host names of the zone's servers")),
};

const forms = {
	SesSetup: record(
		{
			tenantName: required(text(tenantNameProblem), "the tenant's name"),
			domainIdentity: required(
				text((value) => domainProblem(canonicalName(value))),
				"a domain such as mail.example.com",
			),
			route53: optional(record(route53Fields, "route53")),
			waitForVerification: anything,
			waitPurpose: prefixed("waitForVerification.purpose", purpose),
			waitTimeout: prefixed("waitForVerification.timeout", timeout),
			adoptExisting: optional(flag),
			...passedAlong,
		},
		"SesSetup",
	),
	Route53Records: record(
		{
			setupId: required(uuid, "SesSetup.id"),
			dnsRecords,
			zone: optional(record({ id: required(text(), "its id"), ...publishedZone, found: anything }, "zone")),
			...route53Fields,
			...passedAlong,
		},
		"Route53Records",
	),
	Verification: record(
		{
			setupId: required(uuid, "SesSetup.id"),
			dnsRecords,
			timeout,
			purpose,
			zone: optional(record(publishedZone, "zone")),
			...passedAlong,
		},
		"Verification",
	),
};

function prefixed(name: string, inner: Rule): Rule {
	return (value) => inner(value, name);
}

/** Everything that is wrong with the arguments of a resource; unknown values pass. */
export function argumentProblems(kind: keyof typeof forms, inputs: object): ArgumentProblem[] {
	const problems = forms[kind](inputs, "");
	const { route53, ...own } = inputs as { route53?: Record<string, unknown> } & Record<string, unknown>;
	for (const [path, args] of [
		["route53.", route53],
		["", own],
	] as const) {
		if (args && typeof args === "object" && args.externalId !== undefined && args.roleArn === undefined) {
			problems.push({ property: `${path}externalId`, reason: "needs roleArn: it goes with the role" });
		}
	}
	return problems;
}

function kindOf(value: unknown): string {
	if (value === null) return "nothing";
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : `the ${typeof value} ${JSON.stringify(value)}`;
}
