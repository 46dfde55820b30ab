/** How long and how hard `bench:load` measures. */
export interface Plan {
  /** Calls per second at which CPU is compared. */
  rate: number;
  /** Seconds until the machine code is compiled, and of each measurement. */
  warmUp: number;
  seconds: number;
  /** Rates that two processes try, one after the other. */
  rates: number[];
  media: { seconds: number; attempts: number; shares: number[] };
  trials: number;
  /** Beside SIPp as caller: calls per second, and calls at once with audio. */
  beside: { rates: number[]; calls: number[] };
  fleet: FleetPlan;
}

/** How a fleet is measured. */
export interface FleetPlan {
  /** Calls per second at the end of a ramp, and of one worker where CPU is compared. */
  rampTo: number;
  rate: number;
  /** Seconds until the machine code is compiled, of each measurement, and of a run with next to no calls. */
  warmUp: number;
  seconds: number;
  idleSeconds: number;
  /** Comparisons of one worker with two. */
  pairs: number;
}

export const FULL: Plan = {
  rate: 300,
  warmUp: 45,
  seconds: 20,
  rates: [600, 800, 1000, 1200],
  media: { seconds: 8, attempts: 6, shares: [1, 0.92, 0.85, 0.75, 0.6, 0.45, 0.3] },
  trials: 100,
  beside: { rates: [200, 400, 600], calls: [100, 200, 400, 800] },
  fleet: { rampTo: 100, rate: 100, warmUp: 15, seconds: 15, idleSeconds: 20, pairs: 2 },
};

export const QUICK: Plan = {
  rate: 100,
  warmUp: 8,
  seconds: 5,
  rates: [200, 300],
  media: { seconds: 2, attempts: 3, shares: [0.85, 0.5] },
  trials: 6,
  beside: { rates: [100], calls: [40] },
  fleet: { rampTo: 50, rate: 50, warmUp: 8, seconds: 10, idleSeconds: 15, pairs: 1 },
};
