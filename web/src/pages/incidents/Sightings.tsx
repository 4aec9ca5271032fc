import '../../i18n/casework';
import '../../i18n/incidents';

import { ActionIcon, Button, Select, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconEye, IconPlus, IconStrikethrough } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { noteSighting, searchObservable, type Sighting, sightingsQuery, strikeSighting } from '../../api/caseworkQueries';
import { type IncidentDetail, type IncidentObservable, incidentChanged } from '../../api/incidentQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { MomentInput } from '../../kit/MomentInput';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { LinkButton } from '../../ui/links';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { UnitPicker } from '../users/UnitPicker';
import work from './casework.module.css';
import css from './incidents.module.css';

const daysBack = ['7', '30', '90', '365'] as const;
const dayMs = 86_400_000;

/** Words for the query language, with what would end them escaped. */
const quoted = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`;

interface Props {
  incident: IncidentDetail;
  observables: readonly IncidentObservable[];
  /** Whether the reader may note and strike. */
  adds: boolean;
}

/** Where and when the observables were seen: found in the logs, or noted by somebody. */
export function Sightings({ incident, observables, adds }: Props) {
  const { t, i18n } = useTranslation('casework');
  const client = useQueryClient();
  const query = useQuery(sightingsQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [striking, setStriking] = useState<Sighting>();
  const items = query.data?.items ?? [];
  const columns: Column<Sighting>[] = [
    {
      id: 'value',
      name: t('sighting.observable'),
      main: true,
      cell: (one) => (one.struck === '' ? <span className="la-mono la-wrap">{one.value}</span> : <s className="la-mono la-wrap">{one.value}</s>),
      under: (one) => (
        <div className={css.under}>
          <span className={css.phone}>{`${one.unitName || one.unit} · ${one.host || t('sighting.noHost')}`}</span>
          {one.byHand && <Badge tone="informational">{t('sighting.byHand')}</Badge>}
          {one.note && <span className="la-dim">{one.note}</span>}
          {one.struck !== '' && <span className={css.missing}>{t('sighting.struck', { why: one.struck })}</span>}
        </div>
      ),
    },
    { id: 'unit', name: t('sighting.unit'), from: 'sm', cell: (one) => one.unitName || one.unit, compare: (a, b) => a.unitName.localeCompare(b.unitName) },
    { id: 'host', name: t('sighting.host'), from: 'sm', cell: (one) => one.host || <span className="la-dim">{t('sighting.noHost')}</span>, compare: (a, b) => a.host.localeCompare(b.host) },
    { id: 'first', name: t('sighting.first'), from: 'md', cell: (one) => <Time at={one.first} />, compare: (a, b) => a.first.localeCompare(b.first) },
    { id: 'last', name: t('sighting.last'), cell: (one) => <Time at={one.last} />, compare: (a, b) => a.last.localeCompare(b.last) },
    { id: 'events', name: t('sighting.events'), number: true, from: 'md', cell: (one) => (one.byHand ? '–' : formatNumber(one.events, i18n.language)), compare: (a, b) => a.events - b.events },
    {
      id: 'who',
      name: t('sighting.who'),
      from: 'lg',
      cell: (one) => (
        <>
          {one.by.displayName}
          <div className={css.under}>
            <Time at={one.at} />
          </div>
        </>
      ),
    },
    ...(adds
      ? [
          {
            id: 'strike',
            name: t('sighting.strike'),
            hiddenName: true as const,
            cell: (one: Sighting) =>
              one.struck === '' && (
                <ActionIcon
                  aria-label={`${t('sighting.strike')}: ${one.value}, ${one.host || one.unitName}`}
                  data-tip={t('sighting.strike')}
                  onClick={() => {
                    setStriking(one);
                  }}
                >
                  <IconStrikethrough size={15} />
                </ActionIcon>
              ),
          },
        ]
      : []),
  ];
  return (
    <section className={work.sightings} aria-label={t('sighting.title')}>
      <div className={css.bar}>
        <Title order={3}>{t('sighting.title')}</Title>
        {adds && observables.length > 0 && (
          <Button
            ml="auto"
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('sighting.add')}
          </Button>
        )}
      </div>
      <List<Sighting>
        label={t('sighting.title')}
        items={items}
        id={(one) => one.id}
        name={(one) => `${one.value}, ${one.host || one.unitName}`}
        columns={columns}
        query={query}
        empty={
          <Text size="sm" className="la-dim" py="sm">
            <IconEye size={15} aria-hidden="true" style={{ verticalAlign: '-2px' }} /> {t('sighting.none')}
          </Text>
        }
      />
      {adding && (
        <NoteDialog
          incident={incident}
          observables={observables}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {striking && (
        <ConfirmDialog
          title={t('sighting.strike')}
          text={
            <>
              <span className="la-mono la-wrap">{striking.value}</span> – {striking.host || striking.unitName}
              <Text size="sm" mt="xs" className="la-dim">
                {t('sighting.strikeText')}
              </Text>
            </>
          }
          confirm={t('sighting.strike')}
          reason="required"
          onConfirm={async (why) => {
            await strikeSighting(incident.id, striking.id, why);
            await incidentChanged(client);
          }}
          onClose={() => {
            setStriking(undefined);
          }}
        />
      )}
    </section>
  );
}

/** Looks for an observable in the logs, and tells what was found. */
export function SearchDialog({ incident, observable, onClose }: { incident: IncidentDetail; observable: IncidentObservable; onClose: () => void }) {
  const { t, i18n } = useTranslation('casework');
  const client = useQueryClient();
  const [days, setDays] = useState<(typeof daysBack)[number]>('30');
  const search = useMutation({
    mutationFn: () => {
      const to = Date.now();
      return searchObservable(incident.id, observable.id, { from: new Date(to - Number(days) * dayMs).toISOString(), to: new Date(to).toISOString() });
    },
    onSuccess: () => incidentChanged(client),
  });
  const done = search.data;
  return (
    <Dialog opened onClose={onClose} title={t('sighting.search')}>
      <Form
        error={search.error}
        submit={t('sighting.submit')}
        busy={search.isPending}
        onCancel={onClose}
        onSubmit={() => {
          search.mutate();
        }}
      >
        <Text className="la-mono la-wrap">{observable.value}</Text>
        <Text size="sm">{t('sighting.searchText')}</Text>
        <Select
          label={t('sighting.range')}
          data={daysBack.map((value) => ({ value, label: t(`sighting.ranges.${value}`) }))}
          value={days}
          allowDeselect={false}
          onChange={(value) => {
            setDays(daysBack.find((one) => one === value) ?? '30');
          }}
        />
        <div role="status">
          {done && (
            <Text size="sm" fw={600}>
              {done.places === 0 ? t('sighting.notFound') : t('sighting.found', { places: formatNumber(done.places, i18n.language), events: formatNumber(done.events, i18n.language) })}{' '}
              {done.cut && t('sighting.cut')}
            </Text>
          )}
        </div>
        {done && done.places > 0 && (
          <LinkButton to="/search" search={{ q: quoted(observable.value), from: `now-${days}d`, to: 'now' }} size="compact-sm" variant="subtle" style={{ alignSelf: 'flex-start' }}>
            {t('sighting.open')}
          </LinkButton>
        )}
      </Form>
    </Dialog>
  );
}

function NoteDialog({ incident, observables, onClose }: Omit<Props, 'adds'> & { onClose: () => void }) {
  const { t } = useTranslation('casework');
  const client = useQueryClient();
  const [observable, setObservable] = useState<string | null>(observables.length === 1 ? (observables[0]?.id ?? null) : null);
  const [unit, setUnit] = useState<string | null>(incident.unit);
  const [host, setHost] = useState('');
  const [first, setFirst] = useState<string>();
  const [last, setLast] = useState<string>();
  const [note, setNote] = useState('');
  const save = useMutation({
    mutationFn: () =>
      noteSighting(incident.id, {
        observable: observable ?? '',
        unit: unit ?? '',
        first: first ?? '',
        ...(host.trim() !== '' && { host: host.trim() }),
        ...(last !== undefined && { last }),
        ...(note.trim() !== '' && { note: note.trim() }),
      }),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('sighting.saved'), autoClose: 3_000 });
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('sighting.add')}>
      <Form
        error={save.error}
        fields={['unit', 'host', 'first', 'last', 'note']}
        submit={t('sighting.save')}
        busy={save.isPending}
        disabled={observable === null || unit === null || first === undefined}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('sighting.addText')}</Text>
        <Select
          label={t('sighting.observable')}
          searchable
          data={observables.map((one) => ({ value: one.id, label: one.value }))}
          value={observable}
          onChange={setObservable}
          data-autofocus
        />
        <UnitPicker label={t('sighting.unit')} value={unit} onChange={setUnit} error={fieldError('unit')} />
        <TextInput
          label={t('sighting.host')}
          maxLength={200}
          value={host}
          error={fieldError('host')}
          onChange={(event) => {
            setHost(event.currentTarget.value);
          }}
        />
        <MomentInput label={t('sighting.first')} value={first} error={fieldError('first')} required onChange={setFirst} />
        <div>
          <MomentInput label={t('sighting.last')} value={last} error={fieldError('last')} onChange={setLast} />
          <Text size="xs" className="la-dim">
            {t('sighting.lastHint')}
          </Text>
        </div>
        <Textarea
          label={t('sighting.note')}
          autosize
          minRows={1}
          maxRows={4}
          maxLength={200}
          value={note}
          error={fieldError('note')}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
