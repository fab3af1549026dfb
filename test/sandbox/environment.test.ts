import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { CreateHostedZoneCommand, Route53Client } from "@aws-sdk/client-route-53";
import { CreateTenantCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sandboxAccount, startSandbox } from "../../sandbox/index.js";

afterEach(() => {
	vi.unstubAllEnvs();
});

describe("the sandbox's environment", () => {
	it("is all that AWS SDK clients need", async () => {
		const account = sandboxAccount("444444444444");
		const sandbox = await startSandbox({ accounts: [account], region: "eu-west-1" });
		try {
			for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_")))
				vi.stubEnv(name, undefined);
			for (const [name, value] of Object.entries(sandbox.env(account))) vi.stubEnv(name, value);
			await new Route53Client({}).send(
				new CreateHostedZoneCommand({ Name: "acme.com", CallerReference: "1" }),
			);
			await new SESv2Client({}).send(new CreateTenantCommand({ TenantName: "acme" }));
			const { Account } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
			expect(Account).toBe(account.id);
			expect(sandbox.log.all().map((entry) => [entry.service, entry.account, entry.status])).toEqual([
				["route53", account.id, 201],
				["sesv2", account.id, 200],
				["sts", account.id, 200],
			]);
			expect(sandbox.ses.region(account.id, "eu-west-1").tenants.size).toBe(1);
		} finally {
			await sandbox.close();
		}
	});
});

it("names its region by both names: boto3 reads only the second", async () => {
	const sandbox = await startSandbox({ region: "eu-west-1" });
	await sandbox.close();
	expect(sandbox.env()).toMatchObject({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" });
});

describe("the sandbox's command", () => {
	it("prints an environment that works, stays, and ends cleanly when told to", async () => {
		const main = resolve(import.meta.dirname, "../../sandbox/dist/main.js");
		const child = spawn(process.execPath, [main, "acme.com"], { stdio: ["ignore", "pipe", "inherit"] });
		try {
			const env: Record<string, string> = {};
			for await (const line of createInterface(child.stdout)) {
				const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
				if (name !== undefined && value !== undefined) env[name] = value;
				if (name === "CHANNELS_DNS_SERVERS") break;
			}
			const { AWS_ENDPOINT_URL_STS: endpoint = "", AWS_ACCESS_KEY_ID: accessKeyId = "" } = env;
			const client = new STSClient({
				endpoint,
				region: env.AWS_DEFAULT_REGION ?? "",
				credentials: { accessKeyId, secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" },
			});
			expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: "000000000000" });
			expect(child.exitCode).toBeNull();
			child.kill("SIGTERM");
			expect(await once(child, "exit")).toEqual([0, null]);
		} finally {
			child.kill("SIGKILL");
		}
	});
});
