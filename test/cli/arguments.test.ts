import { describe, expect, test } from "vitest";
import { runChannels } from "../support/channels-run.js";

// Nothing listens there: a wrong argument has to be refused before anybody is asked.
const env = {
	CHANNELS_API_KEY: "a-key-that-must-not-be-shown",
	CHANNELS_WORKSPACE_ID: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
	CHANNELS_BASE_URL: "http://127.0.0.1:9",
};

const id = "3f1c6c1e-6a5e-4c7b-9d3a-0b8f2f6f5a10";
const of = `--setup ${id}`;
const urn = "urn:pulumi:dev::acme::acme:Domains::domains";

/** Each wrong command line, with what is said about it. */
const refused: Record<string, string> = {
	nonsense: "unknown command 'nonsense'",
	"doctr --all": "Did you mean doctor?",

	"zone-file": "give --domain NAME or --setup UUID",
	"zone-file --all": "unknown option '--all'",
	"zone-file --domain a.test --domain b.test": "takes one setup: give --domain NAME or --setup UUID, once",
	"zone-file --domain": "option '--domain <name>' argument missing",
	"zone-file --domain localhost": "--domain is a single label (localhost); give a full domain such as",
	"zone-file --domain https://a.test": "--domain is a URL; give the host name alone",
	"zone-file --domain me@a.test": "--domain is an e-mail address; give the part after the @",
	"zone-file --domain 192.0.2.1": "--domain is an IP address (192.0.2.1)",
	"zone-file --domain a..test": "--domain has an empty label",
	"zone-file --setup 17": '--setup must be the UUID of a setup: SesSetup.id, not "17"',
	[`zone-file ${of} --ttl soon`]: '--ttl must be a whole number of seconds from 1 to 172,800, not "soon"',
	[`zone-file ${of} --ttl 0`]: "--ttl must be a whole number of seconds from 1 to 172,800, not 0",
	[`zone-file ${of} --ttl 1.5`]: "--ttl must be a whole number of seconds",
	[`zone-file ${of} --ttl -5`]: "--ttl must be a whole number of seconds",
	[`zone-file ${of} --ttl 172801`]: "--ttl must be a whole number of seconds",
	[`zone-file ${of} extra`]: "too many arguments",
	[`zone-file ${of} --api-key x`]: "unknown option '--api-key'",

	"import-file": "give --domain NAME, --setup UUID or --all",
	[`import-file --all ${of}`]: "--all stands alone: give --domain NAME, --setup UUID or --all",
	[`import-file ${of} --name a::b`]: '--name must be a name as in the program, not "a::b"',
	[`import-file ${of} --zone-id Z1`]: "--zone-id goes with --route53",
	[`import-file ${of} --keep-records`]: "--keep-records goes with --route53",
	[`import-file ${of} --timeout 5m`]: "--timeout goes with --wait",
	[`import-file ${of} --purpose sending`]: "--purpose goes with --wait",
	[`import-file ${of} --route53 --zone-id z_1`]:
		'--zone-id must be a hosted zone id such as "Z0123456789ABC"',
	[`import-file ${of} --route53 --ttl x`]: "--ttl must be a whole number of seconds",
	[`import-file ${of} --route53 --on-conflict keep`]: "--on-conflict must look like dmarc=keep,mx=overwrite",
	[`import-file ${of} --route53 --on-conflict mx=drop`]:
		'--on-conflict mx must be "error" or "keep" or "overwrite", not "drop"',
	[`import-file ${of} --route53 --on-conflict dkim=keep`]:
		"--on-conflict dkim is no argument of onConflict; it takes dmarc, mx, mailFrom, spf, other",
	[`import-file ${of} --route53 --delegation-check no`]:
		'--delegation-check must be "error" or "warn" or "off", not "no"',
	[`import-file ${of} --route53 --region us`]: '--region must be an AWS region such as "us-east-1"',
	[`import-file ${of} --route53 --role-arn dns`]: '--role-arn must be a role such as "arn:aws:iam::',
	[`import-file ${of} --route53 --external-id secret`]: "--external-id needs roleArn",
	[`import-file ${of} --wait --timeout 5`]:
		'--timeout must be a time such as "90s", "20m" or "1h30m", not "5"',
	[`import-file ${of} --wait --timeout 73h`]: "--timeout must be at most 72h",
	[`import-file ${of} --wait --timeout 0s`]: "--timeout must be longer than nothing",
	[`import-file ${of} --wait --purpose fun`]:
		'--purpose must be "all" or "sending" or "receiving", or a list of them, not "fun"',
	[`import-file ${of} --parent domains`]: "--parent must be a URN as `pulumi stack --show-urns` lists it",
	[`import-file ${of} --parent ${urn} --provider p`]: "--provider must be a URN",

	preflight: "give --domain NAME",
	"preflight --domain localhost": "--domain is a single label (localhost)",
	[`preflight --domain a.test ${of}`]: "unknown option '--setup'",
	"preflight --domain a.test --tenant a/b": '--tenant holds "/"',
	"preflight --domain a.test --domain b.test --tenant a": "--tenant is that of one domain",
	"preflight --domain a.test --adopt-existing": "--adopt-existing goes with --tenant",
	"preflight --domain a.test --base-url http://127.0.0.1:9": "--base-url goes with --tenant",
	"preflight --domain a.test --purpose sending": "--purpose goes with --wait",
	"preflight --domain a.test --wait --purpose fun": '--purpose must be "all" or "sending" or "receiving"',
	"preflight --domain a.test --records caa": '--records must be "dkim" or "mx" or "dmarc"',
	"preflight --domain a.test --records dkim --wait --purpose all":
		'--purpose is "all", which needs mx and dmarc, and route53.records leaves that out',
	"preflight --domain a.test --on-conflict mx=drop": '--on-conflict mx must be "error" or "keep"',
	"preflight --domain a.test --dns-servers ns1": '"ns1" is no DNS server',

	doctor: "give --domain NAME, --setup UUID or --all",
	[`doctor ${of} --region us-east-1`]: "--region goes with --route53",
	[`doctor ${of} --route53 --zone-id /x`]: "--zone-id must be a hosted zone id",
	[`doctor ${of} --route53 --ttl 300`]: "unknown option '--ttl'",

	[`doctor ${of} --workspace acme`]: "--workspace (or CHANNELS_WORKSPACE_ID) is no UUID",
	[`doctor ${of} --base-url acme`]: "--base-url (or CHANNELS_BASE_URL) is no URL",
	[`doctor ${of} --base-url http://example.com`]: "would send the API key unencrypted to example.com",
	[`doctor ${of} --api embeded`]:
		'--api (or CHANNELS_API) must be remote or embedded, not "embeded"; did you mean embedded?',
	[`doctor ${of} --api embedded --base-url https://a.test`]:
		"--base-url (or CHANNELS_BASE_URL) is about a Channels API that is asked over HTTP, and --api (or CHANNELS_API) is embedded.",
	[`doctor ${of} --ses-region eu-west-1`]: "Set --api (or CHANNELS_API) to embedded, or take it out.",
	[`zone-file ${of} --no-mx`]: "--no-mx (or CHANNELS_MX) is about the embedded API",
	[`doctor ${of} --api embedded --ses-region eu`]:
		'--ses-region (or CHANNELS_SES_REGION) must be an AWS region such as "us-east-1", not "eu"',
	[`import-file ${of} --api embedded --ses-external-id acme`]:
		"--ses-external-id (or CHANNELS_SES_EXTERNAL_ID) is for a role, and --ses-role-arn (or CHANNELS_SES_ROLE_ARN) is not set",
	"preflight --domain a.test --api embedded": "--api goes with --tenant",
	"preflight --domain a.test --ses-role-arn x": "--ses-role-arn goes with --tenant",
	[`doctor ${of} --dns-servers ns1.example.com`]: '"ns1.example.com" is no DNS server; give IP addresses',
	[`doctor ${of} --dns-servers 192.0.2.1:99999`]: '"192.0.2.1:99999" is no DNS server',
};

describe("a wrong command line", () => {
	test.each(Object.entries(refused))("channels %s", async (line, message) => {
		const { code, out, err } = await runChannels(line.split(" "), env);
		expect(err).toContain(message);
		expect(err).toMatch(/ \[(option|setting)-invalid\]\n$/);
		expect(err).not.toContain(env.CHANNELS_API_KEY);
		expect({ code, out }).toEqual({ code: 2, out: "" });
	});
});

describe("settings", () => {
	test("that are missing are named all at once, by their names here", async () => {
		const missing = "CHANNELS_API_KEY is not set.\n--workspace (or CHANNELS_WORKSPACE_ID) is not set.";
		const { code, err } = await runChannels(["doctor", "--all", "--api", "remote"], {});
		expect({ code, err }).toEqual({ code: 2, err: `channels: ${missing} [setting-missing]\n` });
	});

	test("that are all missing: both ways are said", async () => {
		const { code, err } = await runChannels(["doctor", "--all"], {});
		expect(code).toBe(2);
		expect(err).toContain(
			"channels: --api (or CHANNELS_API) is not set, and neither are the key and the workspace",
		);
		expect(err).toContain(
			"\nSet --api embedded to ask Amazon SES with your AWS credentials, or CHANNELS_API_KEY",
		);
	});

	test("come from the options before the environment", async () => {
		const workspace = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
		const { code, err } = await runChannels(["doctor", ...of.split(" "), "--workspace", workspace], env);
		expect(code).toBe(3);
		expect(err).toContain(`http://127.0.0.1:9/v1/${workspace}/`);
	});

	test("a key that no server gave is refused without being shown", async () => {
		const { code, err } = await runChannels(["doctor", "--all"], { ...env, CHANNELS_API_KEY: "two words" });
		expect(code).toBe(2);
		expect(err).toContain("CHANNELS_API_KEY has characters that no API key has");
		expect(err).not.toContain("two words");
	});
});

describe("help", () => {
	test.each([
		["--help", "Usage: channels [options] [command]"],
		["help doctor", "Usage: channels doctor"],
		["zone-file --help", "Usage: channels zone-file"],
		["import-file --help", "Identical records in the zone become the stack's own"],
		["--version", "0.1.0"],
	])("channels %s", async (line, text) => {
		const { code, out, err } = await runChannels(line.split(" "), {});
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toContain(text);
	});
});
