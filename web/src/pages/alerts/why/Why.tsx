import '../../../i18n/why';

import { Alert, Button, NativeSelect, Text, Title, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconInfoCircle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, call } from '../../../api/client';
import { alertEventsQuery } from '../../../api/queries';
import type { AlertDetail, AlertExplanation, ExplainedField, ExplainedRule } from '../../../api/types';
import { formatNumber } from '../../../lib/format';
import { formatTime } from '../../../lib/time';
import { ErrorState, Rows } from '../../../ui/State';
import { Marked } from './Marked';
import { Tree } from './Tree';
import css from './why.module.css';

const sourceOf = (of: { product: string; category: string; service: string }) =>
  [of.product, of.category, of.service].filter(Boolean).join(' / ');

function Notice({ title, text }: { title: string; text: string }) {
  return (
    <Alert
      variant="light"
      icon={<IconInfoCircle size={18} />}
      title={title}
      role="status"
      styles={{
        root: { background: 'var(--la-medium-bg)', border: '1px solid var(--la-medium-bar)' },
        title: { color: 'var(--la-medium)' },
        icon: { color: 'var(--la-medium)' },
        message: { color: 'var(--mantine-color-text)' },
      }}
    >
      {text}
    </Alert>
  );
}

/** What the comparison of then and now comes to. */
function Verdict({ rule, correlation }: { rule: ExplainedRule; correlation: boolean }) {
  const { t } = useTranslation('why');
  if (rule.fired && !rule.matched) return <Notice {...t('changed', { returnObjects: true })} />;
  if (!rule.fired && rule.matched) return <Notice {...t('newlyMatched', { returnObjects: true })} />;
  if (!rule.matched) return <Notice {...t('noMatch', { returnObjects: true })} />;
  return (
    <Text size="sm" className="la-dim">
      {correlation ? t('counts') : t('matches')}
    </Text>
  );
}

function Rule({ rule, explanation }: { rule: ExplainedRule; explanation: AlertExplanation }) {
  const { t, i18n } = useTranslation('why');
  const { correlation, event, fields } = explanation;
  const title = i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title;
  return (
    <div className={css.rule}>
      {correlation && <Title order={4}>{title}</Title>}
      <Verdict rule={rule} correlation={correlation} />
      {!rule.inScope && (
        <Text size="sm">{t('scope', { wanted: sourceOf(rule), got: sourceOf(event) || t('unknownSource') })}</Text>
      )}
      <section aria-label={t('tree')}>
        <Tree part={rule.condition} fields={fields} />
        {rule.filters.map((filter) => (
          <div key={filter.title} className={css.filter}>
            <Text size="sm">
              {t('filter')} <b>{filter.title}</b>
            </Text>
            <Tree part={filter.condition} fields={fields} />
          </div>
        ))}
      </section>
    </div>
  );
}

function Fields({ fields, matched }: { fields: ExplainedField[]; matched: boolean }) {
  const { t } = useTranslation('why');
  const [all, setAll] = useState(false);
  const id = useId();
  const hits = fields.filter((field) => field.matched);
  const shown = all ? [...hits, ...fields.filter((field) => !field.matched)] : hits;
  return (
    <section className={css.fields} aria-labelledby={`${id}-title`}>
      <Title order={4} id={`${id}-title`}>
        {t('fields')}
      </Title>
      {hits.length === 0 && matched && (
        <Text size="sm" className="la-dim">
          {t('noneMatched')}
        </Text>
      )}
      {shown.length > 0 && (
        <table id={id} className={css.table}>
          <tbody>
            {shown.map((field, i) => (
              <tr key={i} data-matched={field.matched || undefined}>
                <th scope="row" translate="no">
                  {field.name}
                  {field.matched && <span className={css.badge}>{t('matchedField')}</span>}
                </th>
                <td>
                  <Marked value={field.value} isNull={field.null} ranges={field.ranges} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {fields.length > hits.length && (
        <Button
          mt={6}
          size="compact-sm"
          variant="default"
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? t('hideFields') : t('showFields', { n: fields.length })}
        </Button>
      )}
    </section>
  );
}

function OtherRules({ rules, explanation }: { rules: ExplainedRule[]; explanation: AlertExplanation }) {
  const { t } = useTranslation('why');
  const [open, setOpen] = useState(false);
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <UnstyledButton
        className={css.more}
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <Icon size={13} aria-hidden="true" /> {t('otherRules')} ({rules.length})
      </UnstyledButton>
      {open && rules.map((rule) => <Rule key={rule.id} rule={rule} explanation={explanation} />)}
    </>
  );
}

/** What a correlation rule counted, and about whom. */
function Series({ series }: { series: NonNullable<AlertDetail['series']> }) {
  const { t, i18n } = useTranslation('why');
  return (
    <Text size="sm" component="div">
      {t('series', {
        value: formatNumber(series.value, i18n.language),
        from: formatTime(series.first),
        to: formatTime(series.last),
      })}
      {series.group.length > 0 && (
        <>
          {' '}
          {t('groupedBy')}{' '}
          {series.group.map(({ name, value }, i) => (
            <span key={name}>
              {i > 0 && ', '}
              <span className="la-mono la-wrap" translate="no">
                {name} = <mark className={css.mark}>{value}</mark>
              </span>
            </span>
          ))}
          .
        </>
      )}
    </Text>
  );
}

function Explanation({ explanation }: { explanation: AlertExplanation }) {
  const { t } = useTranslation('why');
  const { rules, correlation } = explanation;
  if (rules.length === 0) return <Notice {...t('gone.parts', { returnObjects: true })} />;
  const first = rules.filter((rule) => rule.fired || rule.matched);
  const shown = first.length > 0 ? first : rules.slice(0, 1);
  const others = rules.filter((rule) => !shown.includes(rule));
  return (
    <>
      {correlation && <Text size="sm">{t('correlation')}</Text>}
      {shown.map((rule) => (
        <Rule key={rule.id} rule={rule} explanation={explanation} />
      ))}
      {others.length > 0 && <OtherRules rules={others} explanation={explanation} />}
      <Fields fields={explanation.fields} matched={rules.some((rule) => rule.matched)} />
    </>
  );
}

/** Why the alert's rule fires: on its newest event, or on one that is chosen. */
export function Why({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation('why');
  const [event, setEvent] = useState('');
  const events = useQuery(alertEventsQuery(alert.id)).data?.events ?? [];
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: ['alert', alert.id, 'explain', event],
    queryFn: ({ signal }) =>
      call<AlertExplanation>(`/alerts/${encodeURIComponent(alert.id)}/explain`, { query: { event }, signal }),
    placeholderData: keepPreviousData,
    retry: (count, why) => count < 2 && !(why instanceof ApiError && why.status === 404),
  });
  const gone = error instanceof ApiError && /^alert\.(rule|event)-gone$/.exec(error.code)?.[1];
  const id = useId();
  return (
    <section className={css.why} aria-labelledby={id} aria-busy={isPending || isPlaceholderData}>
      <div className={css.head}>
        <Title order={3} id={id}>
          {t('title')}
        </Title>
        {events.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={t('event')}
            value={event}
            onChange={(e) => {
              setEvent(e.currentTarget.value);
            }}
            data={events.map(({ id: value, time, host }, i) => ({
              value: i === 0 ? '' : value,
              label: `${String(i + 1)}. ${formatTime(time)} · ${host}${i === 0 ? ` (${t('newest')})` : ''}`,
            }))}
          />
        )}
      </div>
      {alert.series && <Series series={alert.series} />}
      {gone === 'rule' && <Notice {...t('gone.rule', { returnObjects: true })} />}
      {gone === 'event' && <Notice {...t('gone.event', { returnObjects: true })} />}
      {error && !gone && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={5} />}
      {data && !error && <Explanation key={data.event.id} explanation={data} />}
    </section>
  );
}
