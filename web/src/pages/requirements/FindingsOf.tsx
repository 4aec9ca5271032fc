import '../../i18n/requirements';

import { Button, Checkbox, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { findingQuery, findingsQuery, type RequirementFinding, type RequirementVerb, stepFinding } from '../../api/requirementQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Badge } from '../../ui/Badge';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './requirements.module.css';

const tones = { failing: 'high', recheck: 'medium', met: 'ok', withdrawn: 'informational' } as const;

interface Props {
  /** Of a unit's record, or of one matter. */
  unit?: string;
  subject?: { kind: string; id: string };
  drill?: boolean;
}

/** The requirements a unit was seen not to meet, and what is done about them. */
export function FindingsOf({ unit, subject, drill }: Props) {
  const { t } = useTranslation('requirements');
  const [all, setAll] = useState(false);
  const { data, error, isPending, refetch } = useQuery(
    findingsQuery({ unit, subjectKind: subject?.kind, subject: subject?.id, drill, state: all ? 'any' : undefined }),
  );
  if (isPending) return <Rows count={3} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <section aria-label={t('title')}>
      <div className={css.head}>
        <Checkbox
          size="xs"
          label={t('all')}
          checked={all}
          onChange={(event) => {
            setAll(event.currentTarget.checked);
          }}
        />
      </div>
      {data.items.length === 0 ? (
        <EmptyState icon={<IconShieldCheck size={32} />} title={t('none')} text={t('noneText')} />
      ) : (
        <>
          <Text size="sm" className="la-dim" mb="sm">
            {t('text')} {t('verifyNote')}
          </Text>
          <ul className={css.list}>
            {data.items.map((finding) => (
              <Finding key={finding.id} finding={finding} />
            ))}
          </ul>
          {data.total > data.items.length && <Text size="sm">{t('more', { count: data.total - data.items.length })}</Text>}
        </>
      )}
    </section>
  );
}

function Finding({ finding }: { finding: RequirementFinding }) {
  const { t, i18n } = useTranslation('requirements');
  const client = useQueryClient();
  const [doing, setDoing] = useState<RequirementVerb>();
  const [open, setOpen] = useState(false);
  const vietnamese = i18n.language === 'vi';
  const settled = finding.state === 'met' || finding.state === 'withdrawn';
  const verbs: RequirementVerb[] = settled ? ['reopen', 'note'] : ['verify', 'withdraw', 'note'];
  return (
    <li className={css.item}>
      <div className={css.line}>
        <strong>{vietnamese ? finding.groupVi : finding.groupName}</strong>
        <Badge tone={tones[finding.state]}>{t(`states.${finding.state}`)}</Badge>
      </div>
      <Text size="sm" className="la-dim">
        {finding.code === '' ? t('levelUnknown') : t('item', { code: finding.code, level: finding.level })}
        {', '}
        {t('since')} <Time at={finding.since} /> {t('because')}{' '}
        <span className="la-mono">{finding.subject.code}</span> {finding.subject.title}
      </Text>
      {finding.systems.length > 0 && <Text size="sm">{t('systems', { names: finding.systems.join('; ') })}</Text>}
      <div className={css.actions}>
        {finding.mayVerify &&
          verbs.map((verb) => (
            <Button
              key={verb}
              size="compact-sm"
              variant={verb === 'verify' ? 'light' : 'default'}
              onClick={() => {
                setDoing(verb);
              }}
            >
              {t(`verb.${verb}`)}
            </Button>
          ))}
        <Button
          size="compact-sm"
          variant="subtle"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {t('steps')}
        </Button>
      </div>
      {open && <Steps id={finding.id} />}
      {doing && (
        <ConfirmDialog
          title={`${t(`verb.${doing}`)}: ${vietnamese ? finding.groupVi : finding.groupName}`}
          text={t(`ask.${doing}`)}
          confirm={t(`verb.${doing}`)}
          reason="required"
          reasonHint={t('example')}
          onConfirm={(note) => stepFinding(client, finding, doing, note)}
          onClose={() => {
            setDoing(undefined);
          }}
        />
      )}
    </li>
  );
}

function Steps({ id }: { id: string }) {
  const { t } = useTranslation('requirements');
  const { data, error, isPending, refetch } = useQuery(findingQuery(id));
  if (isPending) return <Rows count={1} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <ol className={css.steps}>
      <li>
        <Time at={data.since} /> {t('states.failing')}
      </li>
      {data.steps.map((step) => (
        <li key={step.id}>
          <Time at={step.at} /> {t(`states.${step.to as 'met'}`)} · {step.by.displayName || t('follows')}
          {step.note !== '' && <div className="la-wrap">{step.note}</div>}
        </li>
      ))}
    </ol>
  );
}
