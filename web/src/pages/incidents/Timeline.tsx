import '../../i18n/incidents';

import { ActionIcon, Button, Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconMessage, IconPencil, IconSettings, IconStrikethrough } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type IncidentDetail, type IncidentEntry, incidentChanged, incidentTimelineQuery, strikeEntry, writeEntry } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { FilterChips } from '../../kit/filters';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { PlainText } from '../../kit/PlainText';
import { phases } from '../../lib/incidentParams';
import { formatTime } from '../../lib/time';
import { Badge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { useUnitNames } from '../users/UnitPicker';
import { tlps } from './fields';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';
import { MentionInput } from './MentionInput';
import { useCatalogue } from './words';

const kinds = ['people', 'comments', 'auto'] as const;
type Kind = (typeof kinds)[number];
const kindOf = (entry: IncidentEntry): Kind => (entry.kind === 'note' ? 'people' : entry.kind === 'comment' ? 'comments' : 'auto');
const icons = { people: IconPencil, comments: IconMessage, auto: IconSettings } as const;

/** What happened, day by day: what people wrote and what the product noted. */
export function Timeline({ incident }: TabProps) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const may = useMay();
  const { data, error, isPending, refetch } = useQuery(incidentTimelineQuery(incident.id));
  const [only, setOnly] = useState<Kind[]>([]);
  const [oldest, setOldest] = useState(false);
  const [striking, setStriking] = useState<IncidentEntry>();
  if (isPending) return <Rows count={6} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const counts = Object.fromEntries(kinds.map((kind) => [kind, data.items.filter((entry) => kindOf(entry) === kind).length])) as Record<Kind, number>;
  const shown = data.items.filter((entry) => only.length === 0 || only.includes(kindOf(entry)));
  const ordered = oldest ? shown : [...shown].reverse();
  const days = new Map<string, IncidentEntry[]>();
  for (const entry of ordered) {
    const day = formatTime(entry.at).slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  const writes = may('incident.task') && incident.secrecy === '' && !incident.mergedInto && !incident.summarised;
  return (
    <div className={css.timeline}>
      {writes && <Write incident={incident} />}
      <div className={css.bar}>
        <FilterChips label={t('line.filter')} values={kinds} chosen={only} counts={counts} name={(value) => t(`line.${value}`)} onChange={setOnly} />
        <Button
          ml="auto"
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            setOldest(!oldest);
          }}
        >
          {t(oldest ? 'line.oldest' : 'line.newest')}
        </Button>
      </div>
      {shown.length === 0 && (
        <Text size="sm" className="la-dim" py="md">
          {t('line.none')}
        </Text>
      )}
      {[...days].map(([day, entries]) => (
        <section key={day} aria-label={day}>
          <h3 className={css.day}>{day}</h3>
          <ol className={css.entries}>
            {entries.map((entry) => (
              <Entry
                key={entry.id}
                entry={entry}
                {...(incident.mayChange &&
                  entry.struck === '' &&
                  kindOf(entry) !== 'auto' && {
                    onStrike: () => {
                      setStriking(entry);
                    },
                  })}
              />
            ))}
          </ol>
        </section>
      ))}
      {striking && (
        <ConfirmDialog
          title={t('line.strike')}
          text={
            <>
              <PlainText text={striking.text} />
              <Text size="sm" mt="xs" className="la-dim">
                {t('line.strikeText')}
              </Text>
            </>
          }
          confirm={t('line.strike')}
          reason="required"
          onConfirm={async (why) => {
            await strikeEntry(incident.id, striking.id, why);
            await incidentChanged(client);
          }}
          onClose={() => {
            setStriking(undefined);
          }}
        />
      )}
    </div>
  );
}

function Entry({ entry, onStrike }: { entry: IncidentEntry; onStrike?: () => void }) {
  const { t } = useTranslation('incidents');
  const said = useSaid();
  const kind = kindOf(entry);
  const Icon = icons[kind];
  const later = Date.parse(entry.stored) - Date.parse(entry.at) > 60_000;
  return (
    <li className={css.entry} data-kind={kind} data-struck={entry.struck !== '' || undefined}>
      <span className={css.entryTime}>
        <Time at={entry.at} clock />
      </span>
      <span className={css.entryIcon} aria-hidden="true">
        <Icon size={14} />
      </span>
      <div className={css.entryBody}>
        <div className={css.entryHead}>
          <b>{entry.by.displayName}</b> {entry.detail.guest !== undefined && kind === 'comments' && <Badge tone="informational">{t('guest.mark')}</Badge>} {kind === 'auto' ? said(entry) : <span className="la-dim">{t(kind === 'people' ? 'line.note' : 'line.comment')}</span>}
          {later && kind !== 'auto' && (
            <span className="la-dim">
              {' '}
              · {t('line.later')} <Time at={entry.stored} />
            </span>
          )}
          {kind !== 'auto' && <span className="la-dim">{` · TLP:${entry.tlp}`}</span>}
        </div>
        {entry.text !== '' && (entry.struck === '' ? <PlainText text={entry.text} /> : <s><PlainText text={entry.text} /></s>)}
        {entry.struck !== '' && <Text size="xs" className={css.missing}>{t('line.struck', { why: entry.struck })}</Text>}
      </div>
      {onStrike && (
        <ActionIcon aria-label={t('line.strike')} data-tip={t('line.strike')} onClick={onStrike}>
          <IconStrikethrough size={15} />
        </ActionIcon>
      )}
    </li>
  );
}

/** What the product noted, as a sentence after the name of who did it. */
function useSaid() {
  const { t, i18n } = useTranslation('incidents');
  const { category, playbook } = useCatalogue();
  const units = useUnitNames();
  return ({ kind, detail }: IncidentEntry): string => {
    const phase = (id: string | undefined) => t(`phase.${phases.find((one) => one === id) ?? 'detect'}`);
    const values: Record<string, string> = {
      ...detail,
      kind,
      ...(kind === 'phase' && { from: phase(detail.from), to: phase(detail.to) }),
      ...(kind === 'edit' && {
        fields: (detail.fields ?? '')
          .split(' ')
          .map((field) => (i18n.exists(`incidents:field.${field}`) ? t(`field.${field as 'title'}`).toLocaleLowerCase() : field))
          .join(', '),
      }),
      ...(detail.unit !== undefined && { unit: units.name(detail.unit) }),
      ...(detail.playbook !== undefined && { playbook: playbook(detail.playbook) }),
      ...(detail.category !== undefined && { category: category(detail.category) }),
    };
    const key = `did.${(kind === 'task' || kind === 'task.add' ? 'task.add' : kind).replace('.', '_')}`;
    // The set of kinds is the server's; the catalogue decides which have words.
    const say = t as unknown as (key: string, values: Record<string, string>) => string;
    return say(i18n.exists(`incidents:${key}`) ? key : 'did.other', values);
  };
}

/** Adds what happened, at the time it did, or talks about it. */
function Write({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const notes = incident.mayChange;
  const [chosen, setKind] = useState<'note' | 'comment'>('note');
  const kind = notes ? chosen : 'comment';
  const [text, setText] = useState('');
  const [at, setAt] = useState<string>();
  const [tlp, setTlp] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () => writeEntry(incident.id, { kind, text: text.trim(), ...(kind === 'note' && at !== undefined && { at }), ...(tlp !== null && { tlp }) }),
    onSuccess: async () => {
      setText('');
      setAt(undefined);
      await incidentChanged(client);
    },
  });
  const error = useFieldErrors(save.error);
  return (
    <div className={css.write}>
      <Form
        error={save.error}
        fields={['text', 'at', 'tlp']}
        submit={t(kind === 'note' ? 'line.save' : 'line.send')}
        busy={save.isPending}
        disabled={text.trim() === ''}
        onSubmit={() => {
          save.mutate();
        }}
      >
        {notes && (
          <SegmentedControl
            size="xs"
            style={{ alignSelf: 'flex-start' }}
            aria-label={t('line.filter')}
            data={[
              { value: 'note', label: t('line.write') },
              { value: 'comment', label: t('line.comment') },
            ]}
            value={kind}
            onChange={(value) => {
              setKind(value === 'comment' ? 'comment' : 'note');
            }}
          />
        )}
        <MentionInput
          incident={incident.id}
          label={t('line.text')}
          placeholder={t(kind === 'note' ? 'line.hintNote' : 'line.hintComment')}
          value={text}
          error={error('text')}
          onChange={setText}
        />
        <Group gap="sm" align="flex-end">
          {kind === 'note' && <MomentInput size="xs" label={t('line.at')} value={at} error={error('at')} onChange={setAt} />}
          <Select
            size="xs"
            w={170}
            label={t('line.tlp')}
            placeholder={`${t('line.asIncident')} (${incident.tlp})`}
            clearable
            data={tlps.map((value) => ({ value, label: `TLP:${value}` }))}
            value={tlp}
            error={error('tlp')}
            onChange={setTlp}
          />
        </Group>
      </Form>
    </div>
  );
}
