import '../../i18n/obligations';

import { Button, Group, Text } from '@mantine/core';
import { IconGavel } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Obligation, obligationsQuery } from '../../api/obligationQueries';
import { DrillMark } from '../../kit/Drill';
import { Badge } from '../../ui/Badge';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Countdown } from './Countdown';
import { MissingYears, Notice } from './notices';
import css from './obligations.module.css';
import { StepButtons, Steps } from './Steps';

interface Props {
  subject: { kind: string; id: string };
  /** The unit of the matter: the name of its duties' unit is shown where it is another. */
  unit: string;
}

/** The duties of one matter: how each clock stands, what was done, and what can be recorded now. */
export function ObligationsOf({ subject, unit }: Props) {
  const { t } = useTranslation('obligations');
  const ask = { state: 'any', subjectKind: subject.kind, subject: subject.id, limit: 100 };
  // Which of the two the matter is only its duties say.
  const real = useQuery(obligationsQuery(ask));
  const drill = useQuery(obligationsQuery({ ...ask, drill: true }));
  if (real.isPending || drill.isPending) return <Rows count={4} />;
  if (!real.data || !drill.data) {
    return (
      <ErrorState
        error={real.error ?? drill.error}
        retry={() => {
          void real.refetch();
          void drill.refetch();
        }}
      />
    );
  }
  const items = [...real.data.items, ...drill.data.items];
  if (items.length === 0) return <EmptyState icon={<IconGavel size={32} />} title={t('none')} text={t('noneText')} />;
  return (
    <section aria-label={t('of')}>
      <MissingYears years={items.filter((o) => o.state === 'pending' || o.state === 'prepared').flatMap((o) => o.missingYears)} />
      <ul className={css.items}>
        {items.map((o) => (
          <Item key={o.id} obligation={o} otherUnit={o.unit !== unit} />
        ))}
      </ul>
    </section>
  );
}

function Item({ obligation: o, otherUnit }: { obligation: Obligation; otherUnit: boolean }) {
  const { t, i18n } = useTranslation('obligations');
  const [steps, setSteps] = useState(false);
  return (
    <li className={`la-card ${css.item ?? ''}`}>
      <div className={css.itemHead}>
        <Text fw={600} className="la-wrap">
          {i18n.language === 'vi' ? o.titleVi : o.title}
        </Text>
        <Countdown of={o} />
      </div>
      <ObligationMarks obligation={o} />
      <ObligationFacts obligation={o} unit={otherUnit} />
      {o.doubtful && <Notice title={t('doubtful')}>{t('doubtfulText')}</Notice>}
      <StepButtons obligation={o} />
      <Button
        mt="xs"
        size="compact-xs"
        variant="subtle"
        aria-expanded={steps}
        onClick={() => {
          setSteps(!steps);
        }}
      >
        {steps ? t('hideSteps') : t('showSteps')}
      </Button>
      {steps && <Steps id={o.id} />}
    </li>
  );
}

const tone = { pending: 'medium', prepared: 'low', sent: 'low', acknowledged: 'ok', withdrawn: 'informational' } as const;

/** The state and the marks of an obligation. */
export function ObligationMarks({ obligation: o }: { obligation: Obligation }) {
  const { t } = useTranslation('obligations');
  return (
    <Group gap={6} mt={4}>
      <Badge tone={tone[o.state]}>{t(`state.${o.state}`)}</Badge>
      <Badge tone="informational">{t(`stage.${o.stage}`)}</Badge>
      {o.drill && <DrillMark />}
      {o.doubtful && <Badge tone="medium">{t('doubtful')}</Badge>}
    </Group>
  );
}

/** To whom, by when and by which law. */
export function ObligationFacts({ obligation: o, unit }: { obligation: Obligation; unit: boolean }) {
  const { t, i18n } = useTranslation('obligations');
  return (
    <dl className={css.facts}>
      <dt>{t('recipient')}</dt>
      <dd>{i18n.language === 'vi' ? o.recipient.vi : o.recipient.name}</dd>
      <dt>{t('due')}</dt>
      <dd>
        <Time at={o.dueAt} />
      </dd>
      {unit && (
        <>
          <dt>{t('unit')}</dt>
          <dd>{o.unitName}</dd>
        </>
      )}
      <dt>{t('basis')}</dt>
      <dd>
        {o.basis.text}
        {o.basis.article && `, ${o.basis.article}`}
      </dd>
      {o.verify && (
        <>
          <dt>{t('verify')}</dt>
          <dd>{o.verify}</dd>
        </>
      )}
    </dl>
  );
}
