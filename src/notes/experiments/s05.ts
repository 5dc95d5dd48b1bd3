/** S05: what keeps committed entries: the comparison of logs, together with majorities and the rule of the own term. Each is taken out once. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  isWrong,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import { LAGGARD_SCENE, laggardStandsFirst } from './s04.ts';
import { figure8, FIGURE_8_SCENE } from './s24.ts';
import { minority, MINORITY_SCENE } from './s16.ts';
import { told } from './scenes.ts';

const PARTS = [
  {
    name: 'logs',
    rule: 'logs are compared',
    mutant: 'M04',
    scene: LAGGARD_SCENE,
    story: laggardStandsFirst,
    about: 'A laggard stands first.',
  },
  {
    name: 'terms',
    rule: 'only entries of the own term commit by counting',
    mutant: 'M20',
    scene: FIGURE_8_SCENE,
    story: figure8,
    about: 'Figure 8.',
  },
  {
    name: 'majorities',
    rule: 'a majority is more than half',
    mutant: 'M21',
    scene: MINORITY_SCENE,
    story: minority,
    about: 'Two of three sleep, then the third.',
  },
] as const;

export const s05: Experiment = {
  id: 'S05',
  lines: '12-14',
  note: 'That keeps a server that is behind from becoming leader and overwriting committed entries.',
  form: 'statement',
  status: 'correction',
  decisive: 'M04',
  arms: Object.fromEntries(
    PARTS.flatMap(({ name, mutant, scene, story, about }) => [
      [name, told({ scene, story, about, quick: 40, full: 240 })],
      [`without ${name}`, told({ scene, story, about, quick: 40, full: 240, mutant })],
    ]),
  ),
  conclude: (results) => {
    const parts = PARTS.map(({ name, rule, mutant }) =>
      ablate(results, {
        rule,
        mutant,
        counted: 'runs in which something committed was lost',
        with: name,
        without: `without ${name}`,
        is: isWrong,
      }),
    );
    const all = PARTS.flatMap(({ name }) => results[name]!);
    const read = count(results['logs']!, ({ facts }) => facts['value'] === 100);
    return {
      answer:
        'It does, but not alone. It takes majorities that overlap, and the rule that a leader commits only entries of its own term by counting.',
      explanation:
        'The comparison of logs keeps out whoever lacks an entry that a majority holds. That is worth nothing where less than a majority was counted, or where an old entry was taken for committed that a later one may still overrule.',
      claims: [
        ...PARTS.map(({ name }) => toldClaim(name, results[name]!)),
        claim('every acknowledged write was read again', read.hits === read.of, `${read.hits} of ${read.of}`),
        ...parts.flatMap(({ claims }) => claims),
      ],
      figures: [
        countFigure(count(all, isWrong), 'runs lost something committed, with all three rules', 'good'),
        countFigure(count(results['without logs']!, isWrong), 'without the comparison of logs', 'bad'),
        countFigure(count(results['without terms']!, isWrong), 'without the rule of the own term', 'bad'),
        countFigure(count(results['without majorities']!, isWrong), 'with less than a majority', 'bad'),
      ],
      ablations: parts.map(({ ablation }) => ablation),
      charts: [],
      show: [
        ...showFirst(results, { arm: 'logs', words: 'the last of a hundred acknowledged writes is read' }),
        ...showFirst(results, {
          arm: 'without logs',
          is: isViolation,
          words: 'without the comparison of logs it is gone',
        }),
      ],
    };
  },
};
