/** Requests as clients in other languages write them, octet by octet: the JavaScript SDK would write them otherwise. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";

let sandbox: Sandbox;
let zoneId: string;
beforeEach(async () => {
	sandbox = await startSandbox();
	zoneId = sandbox.route53.createZone("acme.com").id;
});
afterEach(() => sandbox.close());

async function send(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
	const answer = await fetch(`${sandbox.route53.url}/2013-04-01/${path}`, {
		method,
		headers: {
			authorization: `AWS4-HMAC-SHA256 Credential=${defaultAccount.accessKeyId}/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0`,
		},
		...(body === undefined ? {} : { body }),
	});
	return { status: answer.status, text: await answer.text() };
}

const change = (name: string, type: string, value: string) => `<?xml version="1.0" encoding="UTF-8"?>
<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change>
<Action>CREATE</Action><ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>300</TTL>
<ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords>
</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;

const values = () =>
	sandbox.route53
		.records(zoneId)
		.filter(({ Type }) => Type === "TXT")
		.flatMap(({ ResourceRecords = [] }) => ResourceRecords.map(({ Value }) => Value));

describe("entities in a request's XML are decoded", () => {
	it.each([
		// Go's encoding/xml escapes quotes and control characters by number (xml.EscapeText).
		["by decimal number", "&#34;v=DMARC1; p=none&#34;", '"v=DMARC1; p=none"'],
		["by hexadecimal number", "&#x22;a&#x20;b&#x22;", '"a b"'],
		["by name", "&quot;a &lt;b&gt; &apos;c&apos; &amp; d&quot;", "\"a <b> 'c' & d\""],
		["once only", "&#34;&amp;#34;&#34;", '"&#34;"'],
	])("%s", async (_, written, meant) => {
		const answer = await send("POST", `hostedzone/${zoneId}/rrset/`, change("t.acme.com", "TXT", written));
		expect(answer.status, answer.text).toBe(200);
		expect(values()).toEqual([meant]);
	});

	it("in names, too, and the end of a line is none of a name's characters", async () => {
		await send("POST", `hostedzone/${zoneId}/rrset`, change("&#x5C;052.acme.com", "TXT", '"x"'));
		expect(sandbox.route53.records(zoneId).map(({ Name }) => Name)).toContain("\\052.acme.com.");
		const refused = await send(
			"POST",
			`hostedzone/${zoneId}/rrset`,
			change("a&#xA;b.acme.com", "TXT", '"x"'),
		);
		expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("InvalidChangeBatch")]);
	});
});

it("answers that there are no health checks, which octoDNS asks before its first change", async () => {
	const { status, text } = await send("GET", "healthcheck?maxitems=100");
	expect(status).toBe(200);
	expect(text).toContain('<ListHealthChecksResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">');
	// Every member that the API reference requires of the answer (ListHealthChecks, response elements).
	for (const element of [
		"<HealthChecks></HealthChecks>",
		"<Marker></Marker>",
		"<IsTruncated>false</IsTruncated>",
		"<MaxItems>100</MaxItems>",
	]) {
		expect(text).toContain(element);
	}
	expect(sandbox.log.count({ service: "route53", operation: "ListHealthChecks" })).toBe(1);
});
