import { ServiceError } from "../errors.js";
import { parseXml } from "../xml.js";
import { type Change, policies, type ResourceRecordSet } from "./record-sets.js";
import { recordTypes } from "./values.js";
import type { Vpc } from "./zones.js";

/*
 * What a request's XML must look like. Route 53 answers InvalidInput for a document that breaks its schema, before
 * it looks at any record: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */

type Element = Readonly<Record<string, unknown>>;

export interface CreateHostedZoneInput {
	readonly Name: string;
	readonly CallerReference: string;
	readonly Comment?: string;
	readonly PrivateZone: boolean;
	readonly Vpc?: Vpc;
}

/** @throws ServiceError MalformedInput, InvalidInput */
export function readCreateHostedZone(body: string): CreateHostedZoneInput {
	const root = readRoot(body, "CreateHostedZoneRequest");
	const config = optionalElement(root, "HostedZoneConfig");
	const vpc = optionalElement(root, "VPC");
	const comment = config && optionalText(config, "Comment");
	const callerReference = text(root, "CallerReference");
	if (callerReference.length > 128)
		throw constraint("callerReference", callerReference, "length at most 128");
	return {
		Name: text(root, "Name"),
		CallerReference: callerReference,
		PrivateZone: config !== undefined && optionalText(config, "PrivateZone") === "true",
		...(comment ? { Comment: comment } : {}),
		...(vpc ? { Vpc: { VPCId: text(vpc, "VPCId"), VPCRegion: text(vpc, "VPCRegion") } } : {}),
	};
}

export interface ChangeBatch {
	readonly Comment?: string;
	readonly Changes: readonly Change[];
}

/** @throws ServiceError MalformedInput, InvalidInput */
export function readChangeBatch(body: string): ChangeBatch {
	const batch = element(readRoot(body, "ChangeResourceRecordSetsRequest"), "ChangeBatch");
	const changes = list(element(batch, "Changes"), "Change").map(readChange);
	if (changes.length === 0)
		throw constraint("changeBatch.changes", "[]", "length greater than or equal to 1");
	const comment = optionalText(batch, "Comment");
	return { ...(comment ? { Comment: comment } : {}), Changes: changes };
}

function readChange(change: Element): Change {
	const action = oneOf(text(change, "Action"), ["CREATE", "DELETE", "UPSERT"], "action");
	const set = readRecordSet(element(change, "ResourceRecordSet"));
	const kinds = [set.AliasTarget !== undefined, set.TTL !== undefined && set.ResourceRecords !== undefined];
	const found = kinds.filter(Boolean).length;
	if (found !== 1 || (set.AliasTarget && (set.TTL !== undefined || set.ResourceRecords))) {
		throw invalidInput(
			`Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found === 0 ? "none" : "more than one"} in Change with [Action=${action}, Name=${set.Name}, Type=${set.Type}, SetIdentifier=${set.SetIdentifier ?? "null"}]`,
		);
	}
	const used = policies.filter((policy) => set[policy] !== undefined);
	if (used.length > 1 || (used.length === 1) !== (set.SetIdentifier !== undefined)) {
		throw invalidInput(
			`Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer] together with SetIdentifier, but found [${used.join(", ")}] with [SetIdentifier=${set.SetIdentifier ?? "null"}] in Change with [Action=${action}, Name=${set.Name}, Type=${set.Type}]`,
		);
	}
	return { Action: action, ResourceRecordSet: set };
}

function readRecordSet(set: Element): ResourceRecordSet {
	const alias = optionalElement(set, "AliasTarget");
	const geo = optionalElement(set, "GeoLocation");
	const records = optionalElement(set, "ResourceRecords");
	const multi = optionalText(set, "MultiValueAnswer");
	return {
		Name: text(set, "Name"),
		Type: oneOf(text(set, "Type"), recordTypes, "type"),
		...optional("SetIdentifier", optionalText(set, "SetIdentifier")),
		...optional("Weight", optionalInteger(set, "Weight", 255)),
		...optional("Region", optionalText(set, "Region")),
		...optional("Failover", optionalText(set, "Failover")),
		...optional("GeoLocation", geo as Readonly<Record<string, string>> | undefined),
		...optional("MultiValueAnswer", multi === undefined ? undefined : multi === "true"),
		...optional("TTL", optionalInteger(set, "TTL", 2_147_483_647)),
		...optional("HealthCheckId", optionalText(set, "HealthCheckId")),
		...optional(
			"ResourceRecords",
			records && list(records, "ResourceRecord").map((record) => ({ Value: text(record, "Value") })),
		),
		...optional(
			"AliasTarget",
			alias && {
				HostedZoneId: text(alias, "HostedZoneId"),
				DNSName: text(alias, "DNSName"),
				EvaluateTargetHealth: text(alias, "EvaluateTargetHealth") === "true",
			},
		),
	};
}

/** The member, where it has a value. */
function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
	return value === undefined ? {} : ({ [name]: value } as { [P in K]: V });
}

function readRoot(body: string, root: string): Element {
	let document: Record<string, unknown>;
	try {
		document = parseXml(body, ["Change", "ResourceRecord"]);
	} catch (error) {
		throw new ServiceError(400, "MalformedInput", `Unable to parse the request: ${(error as Error).message}`);
	}
	const found = Object.keys(document).find((name) => name === root);
	if (found === undefined)
		throw new ServiceError(400, "MalformedInput", `Unexpected root element, expected ${root}`);
	return element(document, root);
}

function element(parent: Element, name: string): Element {
	const found = optionalElement(parent, name);
	if (!found) throw invalidInput(`Invalid XML ; element '${name}' is missing`);
	return found;
}

function optionalElement(parent: Element, name: string): Element | undefined {
	const value = parent[name];
	if (value === undefined) return undefined;
	// The parser makes "" of an empty element.
	if (value === "") return {};
	if (typeof value !== "object" || value === null)
		throw invalidInput(`Invalid XML ; '${name}' has text, not elements`);
	return value as Element;
}

function list(parent: Element, name: string): Element[] {
	const value = parent[name];
	if (!Array.isArray(value) || value.length === 0) {
		throw invalidInput(
			`Invalid XML ; The content of the list is not complete. One of '${name}' is expected.`,
		);
	}
	return value as Element[];
}

function text(parent: Element, name: string): string {
	const value = optionalText(parent, name);
	if (value === undefined || value === "")
		throw invalidInput(`Invalid XML ; element '${name}' is missing or empty`);
	return value;
}

function optionalText(parent: Element, name: string): string | undefined {
	const value = parent[name];
	if (value === undefined || typeof value === "string") return value;
	throw invalidInput(`Invalid XML ; element '${name}' has to be one text`);
}

function optionalInteger(parent: Element, name: string, max: number): number | undefined {
	const value = optionalText(parent, name);
	if (value === undefined) return undefined;
	const number = Number(value);
	if (!/^-?\d+$/.test(value))
		throw invalidInput(`Invalid XML ; '${value}' is not a valid value for '${name}'`);
	if (number < 0 || number > max) throw constraint(name, value, `value from 0 to ${max}`);
	return number;
}

function oneOf<T extends string>(value: string, values: readonly T[], name: string): T {
	const found = values.find((candidate) => candidate === value);
	if (found === undefined) throw constraint(name, value, `enum value set: [${values.join(", ")}]`);
	return found;
}

export function invalidInput(message: string): ServiceError {
	return new ServiceError(400, "InvalidInput", message);
}

function constraint(field: string, value: string, rule: string): ServiceError {
	return invalidInput(
		`1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must satisfy ${rule}`,
	);
}
