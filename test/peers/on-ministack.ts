import { afterAll, expect } from "vitest";
import { useUpstream } from "../support/upstream.js";
import { startMinistackUpstream } from "./ministack.js";

let started = 0;
useUpstream(() => {
	started += 1;
	return startMinistackUpstream();
});
afterAll(() => expect(started, "SESs of ministack that the file's suites started").toBeGreaterThan(0));
