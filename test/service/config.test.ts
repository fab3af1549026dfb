import { describe, expect, it } from "vitest";
import { defaultConfig, readEnvironment } from "../../service/index.js";

describe("the environment", () => {
	it("has a default for everything", () => {
		expect(readEnvironment({})).toEqual(defaultConfig);
		expect(readEnvironment({ CHANNELS_API_PORT: " ", CHANNELS_API_HOST: "" })).toEqual(defaultConfig);
	});

	it("sets what it names", () => {
		expect(
			readEnvironment({
				CHANNELS_API_HOST: "0.0.0.0",
				CHANNELS_API_PORT: "0",
				CHANNELS_API_DATABASE: "postgres://db/channels",
				CHANNELS_API_DNS_SERVERS: "127.0.0.1:5353, ::1",
				CHANNELS_API_DNS_ALLOWED_NETWORKS: "10.0.0.0/8, fd00::/8,192.0.2.1",
				CHANNELS_API_DMARC_POLICY: "quarantine",
				CHANNELS_API_MAIL_FROM: "Bounce",
				CHANNELS_API_TRUSTED_PROXIES: "2",
				CHANNELS_API_UNVERIFIED_EXPIRE_AFTER: "30d",
				CHANNELS_API_KEY_REQUESTS_PER_SECOND: "20",
				CHANNELS_API_ADDRESS_REQUESTS_PER_SECOND: "50",
				CHANNELS_API_WORKSPACE_SETUPS: "10",
				CHANNELS_API_WORKSPACE_CHANGES: "5",
				CHANNELS_API_WORKSPACE_CHECKS: "2",
				CHANNELS_API_CHECKS: "8",
				CHANNELS_API_SETUP_USE_CASES: "7",
				CHANNELS_API_SES_REQUESTS_PER_SECOND: "2.5",
				CHANNELS_API_LOG_LEVEL: "debug",
			}),
		).toEqual({
			...defaultConfig,
			host: "0.0.0.0",
			port: 0,
			database: "postgres://db/channels",
			dnsServers: ["127.0.0.1:5353", "[::1]:53"],
			dnsAllowedNetworks: ["10.0.0.0/8", "fd00::/8", "192.0.2.1/32"],
			dmarcPolicy: "quarantine",
			mailFrom: "bounce",
			logLevel: "debug",
			trustedProxies: 2,
			timing: { ...defaultConfig.timing, unverifiedExpireMs: 30 * 24 * 3_600_000 },
			limits: {
				bodyBytes: defaultConfig.limits.bodyBytes,
				requestsPerSecond: 20,
				addressRequestsPerSecond: 50,
				setupsPerWorkspace: 10,
				changesPerWorkspace: 5,
				checksAtOnceOfWorkspace: 2,
				checksAtOnce: 8,
				useCasesPerSetup: 7,
				sesRequestsPerSecond: 2.5,
			},
		});
	});

	it.each([
		["CHANNELS_API_PORT", "http", "65535"],
		["CHANNELS_API_PORT", "65536", "65535"],
		["CHANNELS_API_PORT", "-1", "65535"],
		["CHANNELS_API_DMARC_POLICY", "strict", "none, quarantine, reject"],
		["CHANNELS_API_MAIL_FROM", "bounce.acme.com", "has a dot in it; give one label, such as bounce"],
		["CHANNELS_API_MAIL_FROM", "-bounce", "hyphen"],
		["CHANNELS_API_MAIL_FROM", "_bounce", '"_" in its label'],
		["CHANNELS_API_MAIL_FROM", "b".repeat(64), "at most 63"],
		["CHANNELS_API_MAIL_FROM", "bücher", "give one label"],
		["CHANNELS_API_MAIL_FROM", "a b", "give one label"],
		["CHANNELS_API_DNS_SERVERS", "dns.example.com", "dns.example.com"],
		["CHANNELS_API_DNS_ALLOWED_NETWORKS", "10.0.0.0/33", "10.0.0.0/33"],
		["CHANNELS_API_DNS_ALLOWED_NETWORKS", "localhost", "10.0.0.0/8,fd00::/8"],
		["CHANNELS_API_SES_REQUESTS_PER_SECOND", "0", "0.1 to 1000"],
		["CHANNELS_API_SES_REQUESTS_PER_SECOND", "-1", "0.1 to 1000"],
		["CHANNELS_API_SES_REQUESTS_PER_SECOND", "1e9", "0.1 to 1000"],
		["CHANNELS_API_TRUSTED_PROXIES", "10.0.0.1", "0 to 9"],
		["CHANNELS_API_WORKSPACE_SETUPS", "0", "1 to 1000000"],
		["CHANNELS_API_SETUP_USE_CASES", "many", "1 to 1000000"],
		["CHANNELS_API_UNVERIFIED_EXPIRE_AFTER", "0d", "72h or 30d"],
		["CHANNELS_API_UNVERIFIED_EXPIRE_AFTER", "30", "72h or 30d"],
		["CHANNELS_API_LOG_LEVEL", "loud", "silent, error, warn, info, debug"],
	])("refuses %s=%s and says what is right", (name, value, hint) => {
		expect(() => readEnvironment({ [name]: value })).toThrow(
			expect.objectContaining({ code: "setting-invalid", message: expect.stringContaining(name) }),
		);
		expect(() => readEnvironment({ [name]: value })).toThrow(hint);
	});
});
