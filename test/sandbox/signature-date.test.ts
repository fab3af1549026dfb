import { ListHostedZonesCommand } from "@aws-sdk/client-route-53";
import { GetAccountCommand } from "@aws-sdk/client-sesv2";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { systemClock } from "../../sandbox/server-clock.js";
import { route53Client, sesClient, stsClient } from "../support/aws.js";

const roleArn = "arn:aws:iam::222222222222:role/ci";

async function withClockAhead(ms: number, work: (sandbox: Sandbox) => Promise<void>): Promise<void> {
	const sandbox = await startSandbox({
		clock: { ...systemClock, now: () => Date.now() + ms },
		roles: [{ arn: roleArn, webIdentityToken: "a token" }],
	});
	try {
		await work(sandbox);
	} finally {
		await sandbox.close();
	}
}

const calls: Record<string, [call: (sandbox: Sandbox) => Promise<unknown>, name: string]> = {
	"Route 53": [
		(sandbox: Sandbox) => route53Client(sandbox).send(new ListHostedZonesCommand({})),
		"SignatureDoesNotMatch",
	],
	STS: [
		(sandbox: Sandbox) => stsClient(sandbox).send(new GetCallerIdentityCommand({})),
		"SignatureDoesNotMatch",
	],
	SESv2: [
		(sandbox: Sandbox) => sesClient(sandbox).send(new GetAccountCommand({})),
		"InvalidSignatureException",
	],
};

describe.each(Object.entries(calls))("%s", (_, [call, name]) => {
	it.each([
		[6, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/],
		[
			-6,
			/^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
		],
	])(
		"refuses a signature %i minutes away from its own clock, and says what time it is",
		async (minutes, message) => {
			await withClockAhead(minutes * 60_000, async (sandbox) => {
				const error = await call(sandbox).catch((each: unknown) => each);
				expect(error).toMatchObject({
					name,
					message: expect.stringMatching(message),
					$metadata: { httpStatusCode: 403 },
				});
				const { date = "" } = (error as { $response: { headers: { date?: string } } }).$response.headers;
				expect(Math.abs(Date.parse(date) - Date.now() - minutes * 60_000)).toBeLessThan(5_000);
			});
		},
	);

	it("bears four minutes", async () => {
		await withClockAhead(4 * 60_000, async (sandbox) => {
			await call(sandbox);
		});
	});
});

it("gives the role of a web identity to whoever has its token, without a signature", async () => {
	await withClockAhead(0, async (sandbox) => {
		const assume = (WebIdentityToken: string) =>
			stsClient(sandbox).send(
				new AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn, RoleSessionName: "ci", WebIdentityToken }),
			);
		expect((await assume("a token")).Credentials?.AccessKeyId).toMatch(/^ASIA/);
		await expect(assume("another")).rejects.toMatchObject({
			name: "AccessDenied",
			message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
		});
	});
});
