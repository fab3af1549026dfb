import { describeOnEachDatabase } from "../support/databases.js";
import { contract } from "./contract.js";

describeOnEachDatabase("the Channels API", contract, { postgresTags: [] });
