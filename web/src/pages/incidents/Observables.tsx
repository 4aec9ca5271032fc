import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Checkbox, Group, Text, Textarea, TextInput } from '@mantine/core';
import { IconCopy, IconFingerprint, IconPlus, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sightingsQuery } from '../../api/caseworkQueries';
import { addObservables, type IncidentDetail, type IncidentObservable, incidentChanged, incidentObservablesQuery } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { useActions } from '../../kit/actions';
import { EmptyState } from '../../kit/EmptyState';
import { EntityLink } from '../../kit/EntityLink';
import { FilterText } from '../../kit/filters';
import { Form } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { matches } from '../../kit/text';
import type { EntityType } from '../../lib/entity';
import { defang, readObservables } from '../../lib/observables';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { LinkButton } from '../../ui/links';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';
import { SearchDialog, Sightings } from './Sightings';

const most = 1_000;

/** Which observables have a page of their own. */
const pages: Partial<Record<string, EntityType>> = {
  'ipv4-addr': 'address',
  'ipv6-addr': 'address',
  'domain-name': 'domain',
  'file-hash': 'hash',
  'user-account': 'user',
  hostname: 'host',
};

/** Words for the query language, with what would end them escaped. */
const quoted = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`;

/** What was seen, to be looked for in the logs of everybody. */
export function Observables({ incident }: TabProps) {
  const { t, i18n } = useTranslation(['translation', 'casework', 'incidents']);
  const may = useMay();
  const query = useQuery(incidentObservablesQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [searching, setSearching] = useState<IncidentObservable>();
  const [q, setQ] = useState<string>();
  const sightings = useQuery(sightingsQuery(incident.id));
  const places = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { struck, type, value } of sightings.data?.items ?? []) if (struck === '') counts.set(`${type} ${value}`, (counts.get(`${type} ${value}`) ?? 0) + 1);
    return counts;
  }, [sightings.data]);
  const all = useMemo(() => query.data?.items ?? [], [query.data]);
  const items = all.filter((one) => q === undefined || matches(`${one.value} ${one.note}`, q));
  const adds = incident.mayChange && !incident.mergedInto && incident.secrecy === '';
  const typeName = (type: string) => (i18n.exists(`incidents:seen.types.${type}`) ? t(`incidents:seen.types.${type as 'url'}`) : type);
  useActions([{ id: 'observables add', name: t('incidents:seen.add'), key: 'n', off: !adds, run: () => { setAdding(true); } }]);
  const columns: Column<IncidentObservable>[] = [
    {
      id: 'value',
      name: t('incidents:seen.value'),
      main: true,
      cell: (one) => <span className="la-mono la-wrap">{one.value}</span>,
      under: (one) => (
        <div className={css.under}>
          {one.ioc && <Badge tone="high">{t('incidents:seen.iocShort')}</Badge>} <span className={css.phone}>{typeName(one.type)}</span>
          {(places.get(`${one.type} ${one.value}`) ?? 0) > 0 && <span>{t('casework:sighting.places', { count: places.get(`${one.type} ${one.value}`) ?? 0 })}</span>}
          {one.note && <span className="la-dim">{one.note}</span>}
        </div>
      ),
    },
    { id: 'type', name: t('incidents:seen.type'), from: 'sm', cell: (one) => typeName(one.type), compare: (a, b) => a.type.localeCompare(b.type) },
    { id: 'tlp', name: 'TLP', from: 'md', cell: (one) => one.tlp },
    {
      id: 'added',
      name: t('incidents:seen.added'),
      from: 'md',
      cell: (one) => (
        <>
          <Time at={one.addedAt} />
          <div className={css.under}>{one.addedBy}</div>
        </>
      ),
    },
    {
      id: 'search',
      name: t('casework:sighting.search'),
      hiddenName: true,
      cell: (one) => (
        <Group gap={6}>
          {may('event.read') && adds && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconSearch size={13} />}
              aria-label={`${t('casework:sighting.search')}: ${one.value}`}
              onClick={() => {
                setSearching(one);
              }}
            >
              {t('casework:sighting.search')}
            </Button>
          )}
          {may('event.read') && !adds && (
            <LinkButton to="/search" search={{ q: quoted(one.value) }} size="compact-xs" variant="default" leftSection={<IconSearch size={13} />}>
              {t('casework:sighting.open')}
            </LinkButton>
          )}
          {pages[one.type] && (
            <EntityLink type={pages[one.type] ?? 'host'} value={one.value}>
              {t('incidents:next.see')}
            </EntityLink>
          )}
        </Group>
      ),
    },
  ];
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => toast({ message: t('action.copied'), autoClose: 2_000 }));
  return (
    <>
      <div className={css.bar}>
        {all.length > 0 && (
          <>
            <Button size="xs" variant="subtle" leftSection={<IconCopy size={15} />} onClick={() => { copy(all.map((one) => one.value).join('\n')); }}>
              {t('incidents:seen.copyAll')}
            </Button>
            <Button size="xs" variant="subtle" onClick={() => { copy(all.map(defang).join('\n')); }}>
              {t('incidents:seen.copySafe')}
            </Button>
          </>
        )}
        {adds && (
          <Button
            ml="auto"
            size="xs"
            leftSection={<IconPlus size={15} />}
            data-tip={`${t('incidents:seen.add')} (n)`}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('incidents:seen.add')}
          </Button>
        )}
      </div>
      <List<IncidentObservable>
        label={t('incidents:tab.observables')}
        items={items}
        id={(one) => one.id}
        name={(one) => one.value}
        columns={columns}
        query={query}
        filters={all.length > 8 ? <FilterText value={q} placeholder={t('incidents:seen.find')} onChange={setQ} /> : undefined}
        filtered={q !== undefined}
        onClear={() => {
          setQ(undefined);
        }}
        empty={<EmptyState icon={<IconFingerprint size={32} />} title={t('incidents:seen.none')} text={t('incidents:seen.noneText')} />}
      />
      <Sightings incident={incident} observables={all} adds={adds} />
      {searching && (
        <SearchDialog
          incident={incident}
          observable={searching}
          onClose={() => {
            setSearching(undefined);
          }}
        />
      )}
      {adding && (
        <Add
          incident={incident}
          known={all}
          typeName={typeName}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </>
  );
}

/** Many at once, by pasting. */
function Add({ incident, known, typeName, onClose }: { incident: IncidentDetail; known: readonly IncidentObservable[]; typeName: (type: string) => string; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [note, setNote] = useState('');
  const [ioc, setIoc] = useState(true);
  const found = useMemo(() => readObservables(text).slice(0, most), [text]);
  const fresh = found.filter((one) => !known.some((other) => other.type === one.type && other.value === one.value));
  const save = useMutation({
    mutationFn: () => addObservables(incident.id, fresh.map((one) => ({ ...one, ioc, ...(note.trim() !== '' && { note: note.trim() }) }))),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('seen.done'), autoClose: 3_000 });
    },
  });
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('seen.add')}>
      <Form
        error={save.error}
        submit={t('seen.submit', { count: fresh.length })}
        busy={save.isPending}
        disabled={fresh.length === 0}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Textarea
          label={t('seen.paste')}
          description={t('seen.pasteHint')}
          data-autofocus
          autosize
          minRows={5}
          maxRows={12}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        {found.length > 0 && (
          <div aria-live="polite">
            <Text size="sm" fw={600}>
              {t('seen.found', { count: found.length })}
              {fresh.length < found.length && ` · ${t('seen.known', { count: found.length - fresh.length })}`}
            </Text>
            <ul className={css.recognised}>
              {fresh.slice(0, 30).map((one) => (
                <li key={`${one.type} ${one.value}`}>
                  <span className="la-dim">{typeName(one.type)}</span> <span className="la-mono la-wrap">{one.value}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        <Checkbox
          label={t('seen.ioc')}
          checked={ioc}
          onChange={(event) => {
            setIoc(event.currentTarget.checked);
          }}
        />
        <TextInput
          label={t('seen.note')}
          maxLength={200}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
