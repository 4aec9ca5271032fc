import '../../i18n/obligations';

import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Obligation, obligationQuery, type ObligationStep, type Verb } from '../../api/obligationQueries';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './obligations.module.css';
import { StepDialog } from './StepDialog';

const verbsOf: Record<Obligation['state'], readonly Verb[]> = {
  pending: ['send', 'prepare', 'note', 'withdraw'],
  prepared: ['send', 'back', 'note', 'withdraw'],
  sent: ['acknowledge', 'back', 'note'],
  acknowledged: ['back', 'note'],
  withdrawn: ['back', 'note'],
};

/** What may be recorded of an obligation now. */
export function StepButtons({ obligation: o }: { obligation: Obligation }) {
  const { t } = useTranslation('obligations');
  const [verb, setVerb] = useState<Verb>();
  if (!o.mayHandle) return null;
  return (
    <div className={css.buttons}>
      {verbsOf[o.state].map((v, i) => (
        <Button
          key={v}
          size="xs"
          variant={i === 0 && v !== 'back' ? 'filled' : 'default'}
          onClick={() => {
            setVerb(v);
          }}
        >
          {t(`verb.${v}`)}
        </Button>
      ))}
      {verb && (
        <StepDialog
          obligation={o}
          verb={verb}
          onClose={() => {
            setVerb(undefined);
          }}
        />
      )}
    </div>
  );
}

/** What was done about an obligation, the newest last. */
export function Steps({ id }: { id: string }) {
  const { t } = useTranslation('obligations');
  const { data, error, isPending, refetch } = useQuery(obligationQuery(id));
  if (isPending) return <Rows count={2} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data.steps.length === 0) {
    return (
      <Text size="sm" className="la-dim">
        {t('noSteps')}
      </Text>
    );
  }
  return (
    <ol className={css.steps} aria-label={t('steps')}>
      {data.steps.map((step) => (
        <Step key={step.id} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: ObligationStep }) {
  const { t } = useTranslation('obligations');
  const { channel, receiver, number, file, hash, receipt } = step.proof;
  const proof = [channel && t(`channels.${channel as 'phone'}`), receiver, number, file, receipt].filter(Boolean).join(' · ');
  return (
    <li>
      <strong>{t(`did.${step.verb}`)}</strong> <Time at={step.at} /> {step.by.displayName && <span className="la-dim">{t('by', { name: step.by.displayName })}</span>}
      {proof && <div className="la-wrap">{proof}</div>}
      {hash && (
        <div className="la-mono la-wrap">
          {t('hash')} {hash}
        </div>
      )}
      {step.note && <div className="la-wrap">{step.note}</div>}
    </li>
  );
}
