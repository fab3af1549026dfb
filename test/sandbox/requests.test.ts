import { describe, expect, it } from "vitest";
import { RequestLog } from "../../sandbox/index.js";

const arrival = {
	service: "route53",
	operation: "GetChange",
	at: 1,
	input: {},
	requestId: "r-1",
	account: "1",
};

describe("the request log", () => {
	it("shows a request from its arrival, and how it ended once it has", () => {
		const log = new RequestLog();
		const end = log.begin(arrival);
		expect(log.all()).toEqual([{ ...arrival, endedAt: undefined, status: undefined }]);
		end({ endedAt: 5, status: 400, error: "Throttling" });
		expect(log.all()).toEqual([{ ...arrival, endedAt: 5, status: 400, error: "Throttling" }]);
	});

	it("counts by service, operation and account, and starts anew when cleared", () => {
		const log = new RequestLog();
		log.begin(arrival);
		log.begin({ ...arrival, operation: "ListHostedZones" });
		log.begin({ ...arrival, service: "sts", account: "2" });
		expect(log.count()).toBe(3);
		expect(log.count({ service: "route53" })).toBe(2);
		expect(log.count({ service: "route53", operation: "GetChange" })).toBe(1);
		expect(log.count({ account: "2" })).toBe(1);
		log.clear();
		expect(log.count()).toBe(0);
	});

	it("lets a test wait for what it expects, arrivals and ends alike", async () => {
		const log = new RequestLog();
		const arrived = log.until((seen) => seen.count() === 1);
		const end = log.begin(arrival);
		await arrived;
		const ended = log.until((seen) => seen.all()[0]?.status === 200);
		end({ endedAt: 2, status: 200 });
		await ended;
	});

	it("says what was logged last when it waits in vain", async () => {
		const log = new RequestLog();
		log.begin(arrival);
		await expect(log.until(() => false, { timeoutMs: 1 })).rejects.toThrow(
			/did not come within 1 ms.*route53 GetChange/,
		);
	});

	it("passes on what the condition itself throws", async () => {
		const failing = new RequestLog().until(() => {
			throw new Error("cannot tell");
		});
		await expect(failing).rejects.toThrow("cannot tell");
	});
});
