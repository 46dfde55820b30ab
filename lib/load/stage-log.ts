import { LoadFigures } from './figures';
import type { GeneratorHealth } from './health';
import type { StageSpan } from './schedule';
import { judgeStage, type StageSecond, type StageVerdict } from './stage-verdict';

/** Seconds of a stage that are kept for its verdict. */
const COURSE_SECONDS = 600;

/** What is known of one stage while the run goes on. */
export class StageLog {
  readonly figures = new LoadFigures();
  /** Cases at once that were allowed when a start found no room; undefined when each found it. */
  casesAtOnce: number | undefined;
  readonly #course: StageSecond[] = [];
  #health: GeneratorHealth = {};
  #looks = 0;
  #stolen = 0;
  #busy = 0;

  constructor(readonly span: StageSpan) {}

  /** A second of the stage is over. */
  second({ started, passed, failed }: StageSecond, health: GeneratorHealth): void {
    this.#course.push({ started, passed, failed });
    if (this.#course.length > COURSE_SECONDS) this.#course.shift();
    this.#look(health);
  }

  verdict(calmSetupMs: number | undefined, sources: number): StageVerdict {
    const { figures, span, casesAtOnce } = this;
    const planned = figures.counter('started') + figures.counter('leftOut');
    const lateP99Ms = figures.distribution('lateness').quantile(0.99);
    const failed = figures.counter('failed');
    return judgeStage({
      figures,
      health: {
        ...this.#health,
        ...(lateP99Ms === undefined ? {} : { lateP99Ms }),
        ...(casesAtOnce === undefined ? {} : { casesAtOnce }),
        ...(planned === 0 ? {} : { leftOutShare: figures.counter('leftOut') / planned }),
      },
      seconds: span.stage.seconds,
      course: this.#course,
      ...(calmSetupMs === undefined ? {} : { calmSetupMs }),
      unansweredShare: failed === 0 ? 0 : figures.counter('unanswered') / failed,
      sources,
    });
  }

  /** Times and counts add up; a share is the mean of all seconds. */
  #look(health: GeneratorHealth): void {
    this.figures.strays(health.strayCalls ?? 0);
    this.#looks += 1;
    const kept = this.#health;
    this.#stolen += health.stolenShare ?? 0;
    this.#busy += health.loopBusy ?? 0;
    this.#health = {
      loopBusy: this.#busy / this.#looks,
      stolenShare: this.#stolen / this.#looks,
      skippedDeadlines: (kept.skippedDeadlines ?? 0) + (health.skippedDeadlines ?? 0),
      // What is not known stays so: then every skipped one counts.
      ...(health.deadlines === undefined ? {} : { deadlines: (kept.deadlines ?? 0) + health.deadlines }),
      droppedDatagrams: (kept.droppedDatagrams ?? 0) + (health.droppedDatagrams ?? 0),
      throttledMs: (kept.throttledMs ?? 0) + (health.throttledMs ?? 0),
      portsExhausted: (kept.portsExhausted ?? 0) + (health.portsExhausted ?? 0),
    };
  }
}
