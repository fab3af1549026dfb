/** Every argument of every resource. What is said here is said nowhere else. */
import { canonicalName, domainProblem } from "../../dns/index.js";
import { tenantNameProblem } from "../../sdk/arguments.js";
import type { Argument, Judge, Kind, ObjectKind } from "./argument.js";
import { awsForms, type Form, formProblem } from "./aws-forms.js";
import { formatDuration, parseDuration } from "./duration.js";

const string = { type: "string" } as const satisfies Kind;
const anything = { type: "anything" } as const satisfies Kind;
const formed = (form: Form): Kind => ({ type: "string", judge: (text) => formProblem(form, text) });

const policy = (doc: string) =>
	({
		doc,
		kind: { type: "choice", choices: ["error", "keep", "overwrite"], name: "ConflictPolicy" },
		default: "error",
	}) as const satisfies Argument;

const onConflict = {
	type: "object",
	what: "onConflict",
	name: "OnConflict",
	doc: "What to do where a record of somebody else is in the way.",
	fields: {
		dmarc: policy("A DMARC policy, or a CNAME, at `_dmarc`."),
		mx: policy("Mail exchangers at the domain."),
		mailFrom: policy("Mail exchangers, or another SPF record, at the name of a custom MAIL FROM."),
		spf: policy("Another SPF record at the domain."),
		other: policy("Everything else, such as another CNAME at a DKIM name."),
	},
} as const satisfies ObjectKind;

/** What is published and waited for where the program does not say. */
const usual = ["dkim", "mx", "dmarc", "mailFrom", "spf", "token"] as const;

/** What the records of a setup are for. */
const recordKind = {
	kind: { type: "choice", choices: [...usual, "other"], name: "RecordKind" },
} as const satisfies Argument;

const route53 = {
	type: "object",
	what: "route53",
	name: "Route53",
	doc: "Where and how the records are published to Route 53.",
	fields: {
		zoneId: {
			doc: "Hosted zone to publish in.",
			kind: formed(awsForms.hostedZoneId),
			defaultText: "the public zone with the longest name that the domain lies in",
		},
		records: {
			doc:
				'Which records to publish: `"dkim"`, `"mx"`, `"dmarc"`, and, where the API asks for them, `"mailFrom"`, `"spf"` and ' +
				'`"token"`. What is left out is neither published, looked at nor waited for. `"other"`, which is any other record at ' +
				"or below the domain, is refused unless it is listed.",
			kind: { type: "list", item: recordKind, example: "at least one of them" },
			defaultText: 'all but `"other"`',
		},
		ttl: {
			doc: "Time to live of new record sets.",
			kind: { type: "integer", from: 1, to: 172_800, unit: "seconds" },
			default: 300,
		},
		onConflict: {
			doc:
				"What to do where a record of somebody else is in the way. " +
				'`"error"` refuses with both values, `"keep"` leaves theirs and does not publish ours, `"overwrite"` ' +
				"replaces theirs and destroy puts it back.",
			kind: onConflict,
			defaultText: 'all `"error"`',
		},
		delegationCheck: {
			doc:
				"Whether the zone must be the one that the internet asks. " +
				'`"error"` refuses another one before anything is registered, `"warn"` says so and goes on, `"off"` does ' +
				"not look.",
			kind: { type: "choice", choices: ["error", "warn", "off"], name: "DelegationCheck" },
			default: "error",
		},
		region: {
			doc: "AWS region of the calls.",
			kind: formed(awsForms.region),
			defaultText: "`aws:region`, then the AWS environment, then us-east-1",
		},
		profile: {
			doc: "Profile of the shared AWS configuration.",
			kind: {
				type: "string",
				judge: (text) => (text.trim() === "" ? "is empty; name a profile, or leave it out" : undefined),
			},
			defaultText: "`aws:profile`, then the AWS environment",
		},
		roleArn: {
			doc: "IAM role to assume, with the credentials that the stack's `aws:*` settings lead to, their own roles included.",
			kind: formed(awsForms.roleArn),
		},
		externalId: { doc: "External id for that role.", kind: formed(awsForms.externalId) },
	},
} as const satisfies ObjectKind;

const longestTimeoutMs = 72 * 3_600_000;

const timeoutProblem: Judge = (text) => {
	const ms = parseDuration(text);
	if (ms === undefined) return `must be a time such as "90s", "20m" or "1h30m", not ${JSON.stringify(text)}`;
	if (ms === 0) return "must be longer than nothing";
	// SES looks for 72 hours and then gives up (SES Developer Guide, "Verifying a domain identity").
	return ms > longestTimeoutMs
		? `must be at most ${formatDuration(longestTimeoutMs)}, not ${text}`
		: undefined;
};

const wait = {
	type: "object",
	what: "waitForVerification",
	name: "Wait",
	doc: "How long, and for what, the wait for verification goes on.",
	fields: {
		timeout: {
			doc: 'How long, such as `"90s"` or `"1h30m"`; at most 72 hours.',
			kind: { type: "string", judge: timeoutProblem },
			default: "20m",
		},
		purpose: {
			doc:
				'What for: `"sending"` waits for DKIM, and for MAIL FROM and SPF where the API asks for them, `"receiving"` for MX, ' +
				'`"all"` for all records that are published, a list for what each of them needs.',
			kind: { type: "choice", choices: ["all", "sending", "receiving"], name: "Purpose", several: true },
			defaultText: 'what `route53.records` publishes, else `"all"`',
		},
	},
} as const satisfies ObjectKind;

const setupId = (doc: string, replaces: string): Argument => ({
	doc,
	kind: formed({
		expression: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
		form: "the UUID of a setup: SesSetup.id",
	}),
	required: "SesSetup.id",
	replaces,
});

const dnsRecords = (doc: string): Argument => ({
	doc,
	kind: {
		type: "list",
		example:
			"SesSetup.dnsRecords. If that is what is empty, the Channels API asks for no record yet: once it does, " +
			"`pulumi refresh` reads it, and `pulumi up` goes on",
		item: {
			kind: {
				type: "object",
				what: "a DNS record",
				fields: {
					address: { kind: string, required: "a host name" },
					type: { kind: { type: "choice", choices: ["CNAME", "MX", "TXT"] }, required: "the record's type" },
					record: { kind: string, required: "the record's value" },
					verified: { kind: anything },
				},
			},
			typeName: "DnsRecord",
		},
	},
	required: "SesSetup.dnsRecords",
});

const publishedZone = {
	name: { kind: string, required: "the zone's name" },
	nameServers: {
		kind: { type: "list", example: "the host names of the zone's servers", item: { kind: string } },
	},
} satisfies { [name: string]: Argument };

export const sesSetup: ObjectKind = {
	type: "object",
	what: "SesSetup",
	name: "SesSetup",
	doc: "What to register, and what to do about its records.",
	fields: {
		tenantName: {
			doc: "Name of the e-mail tenant: 1 to 64 of `A-Z a-z 0-9 _ -`.",
			kind: { type: "string", judge: tenantNameProblem },
			required: "the tenant's name",
			replaces: "the setup",
		},
		domainIdentity: {
			doc: "The domain to send from and receive at, such as `mail.acme.com`.",
			kind: { type: "string", judge: (text) => domainProblem(canonicalName(text)) },
			required: "a domain such as mail.example.com",
			replaces: "the setup",
		},
		route53: {
			doc: "Publish the records to Route 53: `true`, or where and how.",
			kind: { type: "switch", on: route53 },
			default: false,
		},
		waitForVerification: {
			doc: "Wait until the records are verified: `true`, or how long and for what.",
			kind: { type: "switch", on: wait },
			default: false,
		},
		// The wait is checked with the setup, and what it needs decides what the setup may leave as it is.
		waitPurpose: {
			kind: {
				type: "choice",
				choices: [...wait.fields.purpose.kind.choices, "published"],
				name: "WaitPurpose",
				several: true,
			},
			hidden: { path: "waitForVerification.purpose" },
		},
		waitTimeout: { ...wait.fields.timeout, hidden: { path: "waitForVerification.timeout" } },
		adoptExisting: {
			doc: "Take over what exists already: the setup of exactly this tenant and domain; with the embedded API a domain, too, that Amazon SES has from elsewhere, which stays as it is.",
			kind: { type: "boolean" },
			default: false,
		},
	},
};

const route53Records: ObjectKind = {
	type: "object",
	what: "Route53Records",
	name: "Route53Records",
	doc: "Which records to publish, where and how.",
	fields: {
		setupId: setupId("Id of the setup that the records belong to.", "the records"),
		dnsRecords: dnsRecords("The records to publish: `SesSetup.dnsRecords`."),
		domain: {
			doc: "`SesSetup.domainIdentity`, the mail domain that they are of. A record that is not at or below it is refused.",
			kind: { type: "string", judge: (text) => domainProblem(canonicalName(text)) },
			defaultText: "what the names of the records have in common",
		},
		zone: {
			doc:
				"`SesSetup.zone`: the zone to publish to, and what stood there before the setup existed. Without it a value " +
				"that already stands in the zone is taken for somebody else's and survives destroy.",
			kind: {
				type: "object",
				what: "zone",
				fields: {
					id: { kind: string, required: "its id" },
					...publishedZone,
					found: { kind: anything },
					places: { kind: anything },
				},
			},
			typeName: "ZoneSnapshot",
		},
		waitForSync: {
			doc:
				"Wait until every name server of the zone has the records, up to a minute. `SesSetup` leaves that to its wait " +
				"for verification, if it has one.",
			kind: { type: "boolean" },
			default: true,
		},
		...route53.fields,
	},
};

const verification: ObjectKind = {
	type: "object",
	what: "Verification",
	name: "Verification",
	doc: "Which records to wait for, how long, and for what.",
	fields: {
		setupId: setupId("Id of the setup to verify.", "the wait"),
		dnsRecords: dnsRecords("The records to wait for: `SesSetup.dnsRecords`."),
		...wait.fields,
		published: { ...route53.fields.records, hidden: {} },
		zone: {
			doc: "Where they are published, if known: a wait that ends in vain then says whether that zone is live.",
			kind: { type: "object", what: "zone", fields: publishedZone },
			typeName: "PublishedZone",
		},
		// States of earlier versions have it, and `ignoreChanges: ["*"]` brings it back.
		verifiedDomain: { kind: anything, hidden: {} },
	},
};

export const resources = { SesSetup: sesSetup, Route53Records: route53Records, Verification: verification };

/** Groups of fields that several resources share. */
export const groups = { OnConflict: onConflict, Route53: route53, Wait: wait };

/** What holds where an argument is left out. */
export const defaults = {
	ttl: route53.fields.ttl.default,
	delegationCheck: route53.fields.delegationCheck.default,
	onConflict: {
		dmarc: onConflict.fields.dmarc.default,
		mx: onConflict.fields.mx.default,
		mailFrom: onConflict.fields.mailFrom.default,
		spf: onConflict.fields.spf.default,
		other: onConflict.fields.other.default,
	},
	timeout: wait.fields.timeout.default,
	records: usual,
} as const;

/** Names of the arguments that a person may give. */
export const namesOf = ({ fields }: ObjectKind): string[] =>
	Object.entries(fields)
		.filter(([, { hidden }]) => !hidden)
		.map(([name]) => name);
