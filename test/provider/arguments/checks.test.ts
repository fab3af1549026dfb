import { describe, expect, it } from "vitest";
import { argumentProblems } from "../../../provider/arguments/checks.js";
import { unknownValue } from "../../../provider/arguments/unknown.js";

const setupId = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const dnsRecords = [{ address: "mail.acme.com", type: "MX", record: "10 mx.acme.com" }];

const setup = { tenantName: "acme", domainIdentity: "mail.acme.com" };
const records = { setupId, dnsRecords };
const verification = { setupId, dnsRecords };
const ofSetup = (args: object) => argumentProblems("SesSetup", { ...setup, ...args });
const ofRecords = (args: object) => argumentProblems("Route53Records", { ...records, ...args });
const ofVerification = (args: object) => argumentProblems("Verification", { ...verification, ...args });

/** Every argument of Route53Args, what is wrong with it, and what the reason says. */
const badRoute53: [path: string, args: object, reason: string][] = [
	["zoneId", { zoneId: "acme.com" }, 'must be a hosted zone id such as "Z0123456789ABC", not "acme.com"'],
	["zoneId", { zoneId: "" }, "must be a hosted zone id"],
	["zoneId", { zoneId: "/hostedzone/" }, "must be a hosted zone id"],
	["zoneId", { zoneId: 5 }, "must be a string, not the number 5"],
	["ttl", { ttl: 0 }, "must be a whole number of seconds from 1 to 172,800, not 0"],
	["ttl", { ttl: -1 }, "from 1 to 172,800"],
	["ttl", { ttl: 172_801 }, "from 1 to 172,800"],
	["ttl", { ttl: 1.5 }, "whole number"],
	["ttl", { ttl: "300" }, 'not "300"'],
	["ttl", { ttl: Number.NaN }, "whole number"],
	["onConflict", { onConflict: "keep" }, 'must be an object, not the string "keep"'],
	["onConflict", { onConflict: ["keep"] }, "must be an object, not a list"],
	["onConflict.dmarc", { onConflict: { dmarc: "replace" } }, 'must be "error" or "keep" or "overwrite"'],
	["onConflict.mx", { onConflict: { mx: true } }, "not true"],
	["onConflict.other", { onConflict: { other: "" } }, 'not ""'],
	[
		"onConflict.dkim",
		{ onConflict: { dkim: "keep" } },
		"is no argument of onConflict; it takes dmarc, mx, mailFrom, spf, other",
	],
	["delegationCheck", { delegationCheck: true }, 'must be "error" or "warn" or "off", not true'],
	["delegationCheck", { delegationCheck: "none" }, 'not "none"'],
	["region", { region: "Frankfurt" }, 'must be an AWS region such as "us-east-1"'],
	["region", { region: "" }, "must be an AWS region"],
	["profile", { profile: "  " }, "is empty; name a profile, or leave it out"],
	["profile", { profile: {} }, "must be a string, not an object"],
	["roleArn", { roleArn: "dns-role" }, 'must be a role such as "arn:aws:iam::123456789012:role/dns"'],
	["roleArn", { roleArn: "arn:aws:iam::123:role/dns" }, "must be a role"],
	["roleArn", { roleArn: "arn:aws:iam::123456789012:user/dns" }, "must be a role"],
	["externalId", { externalId: "x", roleArn: "arn:aws:iam::123456789012:role/dns" }, "must be 2 to 1,224"],
	["externalId", { externalId: "a b", roleArn: "arn:aws:iam::123456789012:role/dns" }, "must be 2 to 1,224"],
	["externalId", { externalId: "given-alone" }, "needs roleArn: it goes with the role"],
	["hostedZone", { hostedZone: "Z1" }, "is no argument of"],
];

describe("a bad argument of Route 53", () => {
	it.each(badRoute53)("%s: %j is refused at SesSetup and at Route53Records", (path, args, reason) => {
		expect(ofSetup({ route53: args })).toEqual([
			{ property: `route53.${path}`, reason: expect.stringContaining(reason) },
		]);
		expect(ofRecords(args)).toEqual([{ property: path, reason: expect.stringContaining(reason) }]);
	});
});

describe("every good argument of Route 53", () => {
	it.each([
		{},
		{ zoneId: "Z0123456789ABC" },
		{ zoneId: "/hostedzone/Z0123456789ABC" },
		{ ttl: 1 },
		{ ttl: 172_800 },
		{ onConflict: {} },
		{ onConflict: { dmarc: "error", mx: "keep", other: "overwrite" } },
		{ delegationCheck: "off" },
		{ region: "us-gov-east-1", profile: "dns" },
		{ region: "eusc-de-east-1" },
		{ roleArn: "arn:aws-us-gov:iam::123456789012:role/team/dns", externalId: "a/b:c@d" },
		{ zoneId: undefined, ttl: null, onConflict: undefined },
		{ zoneId: unknownValue, ttl: unknownValue, onConflict: { mx: unknownValue }, roleArn: unknownValue },
		{ externalId: "abc", roleArn: unknownValue },
	])("%j passes", (args) => {
		expect(ofSetup({ route53: args })).toEqual([]);
		expect(ofRecords(args)).toEqual([]);
	});
});

describe("SesSetup", () => {
	it.each<[property: string, args: object, reason: string]>([
		["tenantName", { tenantName: undefined }, "is missing; give the tenant's name"],
		["tenantName", { tenantName: "" }, "is empty"],
		["tenantName", { tenantName: "a b" }, 'holds " "'],
		["tenantName", { tenantName: "x".repeat(65) }, "65 characters"],
		["tenantName", { tenantName: 5 }, "must be a string"],
		["domainIdentity", { domainIdentity: null }, "is missing; give a domain such as mail.example.com"],
		["domainIdentity", { domainIdentity: "" }, "is empty"],
		["domainIdentity", { domainIdentity: "localhost" }, "single label"],
		["domainIdentity", { domainIdentity: "192.0.2.1" }, "IP address"],
		["domainIdentity", { domainIdentity: "-a.acme.com" }, "hyphen"],
		["domainIdentity", { domainIdentity: "a..acme.com" }, "empty label"],
		["domainIdentity", { domainIdentity: `${"x".repeat(64)}.com` }, "at most 63"],
		["domainIdentity", { domainIdentity: `${"abcdefghi.".repeat(26)}com` }, "at most 253"],
		["domainIdentity", { domainIdentity: `${"abcdefghi.".repeat(20)}abcdef.com` }, "at most 209"],
		["adoptExisting", { adoptExisting: "yes" }, "must be true or false"],
		["route53", { route53: "Z1" }, "must be an object"],
		["waitForVerification.timeout", { waitTimeout: "soon" }, "must be a time such as"],
		["waitForVerification.purpose", { waitPurpose: "mail" }, 'must be "all" or "sending" or "receiving"'],
		["domain", { domain: "acme.com" }, "is no argument of SesSetup; it takes tenantName, domainIdentity"],
	])("refuses a bad %s: %j", (property, args, reason) => {
		expect(ofSetup(args)).toEqual([{ property, reason: expect.stringContaining(reason) }]);
	});

	it("takes a domain in other spellings", () => {
		for (const domainIdentity of ["MAIL.Acme.com", "mail.acme.com.", "post.müller.de"]) {
			expect(ofSetup({ domainIdentity })).toEqual([]);
		}
	});

	it("names every problem at once", () => {
		const problems = argumentProblems("SesSetup", { domainIdentity: "x", route53: { ttl: 0, region: "?" } });
		expect(problems.map(({ property }) => property)).toEqual([
			"tenantName",
			"domainIdentity",
			"route53.ttl",
			"route53.region",
		]);
	});
});

describe("Route53Records", () => {
	it.each<[property: string, args: object, reason: string]>([
		["setupId", { setupId: "mail" }, "must be the UUID of a setup: SesSetup.id"],
		["setupId", { setupId: undefined }, "is missing; give SesSetup.id"],
		["dnsRecords", { dnsRecords: [] }, "is empty; give SesSetup.dnsRecords. If that is what is empty, "],
		["dnsRecords", { dnsRecords: "x" }, "must be a list"],
		["dnsRecords[0].type", { dnsRecords: [{ ...dnsRecords[0], type: "A" }] }, 'must be "CNAME" or "MX"'],
		["dnsRecords[0].record", { dnsRecords: [{ address: "a.b", type: "MX" }] }, "is missing"],
		["zone", { zone: "Z1" }, "must be an object"],
		["zone.name", { zone: { id: "Z1", found: [] } }, "is missing"],
	])("refuses a bad %s: %j", (property, args, reason) => {
		expect(ofRecords(args)).toEqual([{ property, reason: expect.stringContaining(reason) }]);
	});

	it("lets a preview's unknown values pass", () => {
		const unknown = { setupId: unknownValue, dnsRecords: unknownValue, zone: unknownValue };
		expect(argumentProblems("Route53Records", unknown)).toEqual([]);
	});
});

describe("Verification", () => {
	it.each<[property: string, args: object, reason: string]>([
		["timeout", { timeout: "soon" }, 'must be a time such as "90s", "20m" or "1h30m", not "soon"'],
		["timeout", { timeout: "" }, "must be a time"],
		["timeout", { timeout: 20 }, "must be a string"],
		["timeout", { timeout: "0s" }, "longer than nothing"],
		["timeout", { timeout: "72h1s" }, "must be at most 72h"],
		["purpose", { purpose: "both" }, 'must be "all"'],
	])("refuses a bad %s: %j", (property, args, reason) => {
		expect(ofVerification(args)).toEqual([{ property, reason: expect.stringContaining(reason) }]);
	});
});
