/** What the records that an API asks for are there for. Their place and value tell, and never their type alone. */
import {
	canonicalName,
	type DnsRecord,
	isDmarc,
	isSpf,
	isWithin,
	mailDomain,
	type RecordSet,
	sameName,
	toRecordSets,
} from "../../dns/index.js";
import type { Purpose, RecordKind, WaitPurpose } from "./inputs.js";

/** What people call them, in the order in which they are told. */
export const labels: Record<RecordKind, string> = {
	dkim: "DKIM",
	mx: "MX",
	mailFrom: "MAIL FROM",
	spf: "SPF",
	token: "TOKEN",
	dmarc: "DMARC",
	other: "OTHER",
};
export const allKinds = Object.keys(labels) as RecordKind[];

/** A record as an API asks for it. */
type Asked = { readonly [Field in keyof DnsRecord]: string };

/**
 * Tells the kind of each of a domain's records. A custom MAIL FROM is an MX and an SPF at one name below the domain (SES
 * Developer Guide, "Using a custom MAIL FROM domain"), so it takes all of them to tell it.
 */
export function kindsOf(records: readonly Asked[], domain: string): (record: Asked) => RecordKind {
	const mail = canonicalName(domain);
	const isSpfRecord = ({ type, record }: Asked) => type === "TXT" && isSpf(record);
	const isMailFrom = (name: string) =>
		isBelow(name, mail) &&
		!name.includes("_") &&
		[(each: Asked) => each.type === "MX", isSpfRecord].every((is) =>
			records.some((each) => sameName(each.address, name) && is(each)),
		);
	return (asked) => {
		const { type, record } = asked;
		const name = canonicalName(asked.address);
		if (type !== "MX" && isBelow(name, `_domainkey.${mail}`)) return "dkim";
		if (type === "MX" && name === mail) return "mx";
		if (type === "TXT" && name === `_dmarc.${mail}` && isDmarc(record)) return "dmarc";
		if (type === "TXT" && name === `_amazonses.${mail}`) return "token";
		if (isSpfRecord(asked) && name === mail) return "spf";
		return (type === "MX" || isSpfRecord(asked)) && isMailFrom(name) ? "mailFrom" : "other";
	};
}

const isBelow = (name: string, domain: string) => name !== domain && isWithin(name, domain);

/** The domain that records are of, as their names tell; empty where there are none. */
export const domainOfRecords = (records: readonly Pick<Asked, "address">[]): string =>
	mailDomain(records.map(({ address }) => address)) ?? "";

/** Those of a domain's records that are of these kinds. */
export function ofKinds<Of extends Asked>(
	records: readonly Of[],
	domain: string,
	kinds: readonly RecordKind[],
): Of[] {
	const kindOf = kindsOf(records, domain);
	return records.filter((record) => kinds.includes(kindOf(record)));
}

/** A record set that should stand in a zone. */
export interface DesiredSet extends RecordSet {
	/** Of several in one set, the first in the order of {@link labels}. */
	kind: RecordKind;
}

/** What is to stand in a zone of the records of a domain. */
export function desiredSets(
	records: readonly DnsRecord[],
	domain: string,
	{ records: kinds, ttl }: { records: readonly RecordKind[]; ttl: number },
): DesiredSet[] {
	const kindOf = kindsOf(records, domain);
	const wanted = ofKinds(records, domain, kinds);
	return toRecordSets(wanted, ttl).map((set) => {
		const own = wanted.filter(({ address, type }) => type === set.type && sameName(address, set.name));
		const kind = allKinds.find((each) => own.some((record) => kindOf(record) === each));
		return { ...set, kind: kind ?? "other" };
	});
}

/** What was asked for before there were other kinds. A set in a state that names no kind is of these. */
const byType: Record<string, RecordKind> = { CNAME: "dkim", MX: "mx", TXT: "dmarc" };

/** What a set in a state is for. */
export const kindInState = ({ type, kind }: { type: string; kind?: string }): RecordKind =>
	allKinds.find((each) => each === kind) ?? byType[type] ?? "other";

/** What a state says of the kind of a set. */
export const stateOfKind = ({ type, kind }: { type: string; kind: RecordKind }): { kind?: RecordKind } =>
	byType[type] === kind ? {} : { kind };

const needs: Record<Exclude<Purpose, "all">, readonly RecordKind[]> = {
	sending: ["dkim", "mailFrom", "spf", "token"],
	receiving: ["mx"],
};

/** What a purpose needs, or all of several together, of what is asked for and published. */
export const kindsFor = (purpose: WaitPurpose | readonly WaitPurpose[]): readonly RecordKind[] =>
	allKinds.filter((kind) =>
		[purpose]
			.flat()
			.some((each) => (each in needs ? needs[each as keyof typeof needs].includes(kind) : true)),
	);

/** What a wait is for that names no purpose: where the program chooses the records, for what it publishes. */
export const purposeOfWait = <P>(
	purpose: P | undefined,
	route53: { records?: unknown } | undefined,
): P | "published" | "all" => purpose ?? (route53?.records ? "published" : "all");
