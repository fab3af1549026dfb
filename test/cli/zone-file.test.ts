import { parseZone } from "dnsz";
import { beforeAll, expect, test } from "vitest";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { runChannelsOn } from "../support/channels-run.js";
import { registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
let setup: SesSetupDetailResponse;
beforeAll(async () => {
	setup = await registered(stage, { tenant: "zone-file", domain: "mail.acme.test" });
});

/** The records of a zone file as another program reads them, in the API's notation. */
const recordsIn = (text: string) =>
	parseZone(text).records.map(({ name, type, content, ttl }) => ({
		address: name,
		type,
		record: type === "TXT" ? content.replace(/^"(.*)"$/, "$1") : content.replace(/\.$/, ""),
		ttl,
	}));

const expected = (ttl: number) =>
	setup.dns_records
		.map(({ address, type, record }) => ({ address, type, record, ttl }))
		.sort((a, b) => (a.address < b.address ? -1 : 1));

const sorted = <Item extends { address: string }>(items: Item[]) =>
	items.toSorted((a, b) => (a.address < b.address ? -1 : 1));

test("another program reads the records out of it", async () => {
	const { code, out, err } = await runChannelsOn(stage, ["zone-file", "--domain", "MAIL.acme.test."]);
	expect({ code, err }).toEqual({ code: 0, err: "" });
	expect(sorted(recordsIn(out))).toEqual(expected(300));
});

test("names are relative to --origin, and --ttl is theirs", async () => {
	const args = ["zone-file", "--setup", setup.id, "--origin", "acme.test.", "--ttl", "60"];
	const { code, out } = await runChannelsOn(stage, args);
	expect(code).toBe(0);
	expect(out).toMatch(/^\$ORIGIN acme\.test\.\n/);
	expect(out).toMatch(/^mail\t60\tIN\tMX\t/m);
	expect(sorted(recordsIn(out))).toEqual(expected(60));
});

test("an origin that does not cover the domain is refused", async () => {
	const args = ["zone-file", "--setup", setup.id, "--origin", "other.test"];
	expect(await runChannelsOn(stage, args)).toEqual({
		code: 2,
		out: "",
		err: "channels: --origin: mail.acme.test does not lie in other.test; give a zone that covers it [option-invalid]\n",
		files: {},
	});
});

test("a domain without a setup is named, with what the workspace has", async () => {
	const { code, out, err } = await runChannelsOn(stage, ["zone-file", "--domain", "acme.test"]);
	expect({ code, out }).toEqual({ code: 1, out: "" });
	expect(err).toBe(
		`channels: workspace ${stage.service.workspaceId} has no setup of the domain acme.test. ` +
			"It has mail.acme.test. Is it another workspace's (--workspace)? [setup-not-found]\n",
	);
});

test("a key that the API does not accept is exit code 3, and is not shown", async () => {
	const env = { CHANNELS_API_KEY: "no-such-key" };
	const { code, err } = await runChannelsOn(stage, ["zone-file", "--setup", setup.id], env);
	expect(code).toBe(3);
	expect(err).toMatch(/^channels: reading the SES setup .*CHANNELS_API_KEY.* status 401, request id /);
	expect(err).not.toContain("no-such-key");
	expect(err.trimEnd().split("\n")).toHaveLength(1);
});
