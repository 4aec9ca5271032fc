import { Button, Group, NumberInput, Select, Text, Textarea, TextInput } from '@mantine/core';
import { IconApps, IconDownload, IconFileSpreadsheet, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, removeSoftware, saveSoftware, type Software, softwareQuery } from '../../api/advisoryQueries';
import { url } from '../../api/client';
import { unitsQuery } from '../../api/queries';
import { useMay, useSession } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { LinkButton } from '../../ui/links';
import css from './advisories.module.css';
import { Matches } from './parts';
import { SheetDialog } from './SheetDialog';

const route = getRouteApi('/advisories');
const pageSize = 100;
const origins = ['declared', 'inventory', 'components'] as const;

/** What units run, and which vulnerabilities that has. */
export function SoftwareTab() {
  const { t, i18n } = useTranslation('advisories');
  const { q, id, origin, page = 0 } = route.useSearch();
  const navigate = route.useNavigate();
  const mayDeclare = useMay()('software.declare');
  const query = useQuery(softwareQuery({ q, origin, limit: pageSize, offset: page * pageSize }));
  const [edited, setEdited] = useState<Software | 'new'>();
  const [sheet, setSheet] = useState(false);
  const language = i18n.language;
  const items = query.data?.items ?? [];
  const total = query.data?.total ?? 0;
  const columns = useMemo<Column<Software>[]>(
    () => [
      {
        id: 'product',
        name: t('software.product'),
        main: true,
        cell: (x) => `${x.vendor} ${x.product}`.trim(),
        under: (x) => (
          <span className="la-dim">
            {x.origin !== 'declared' && t(`software.origin.${x.origin}`)}
            {x.origin !== 'declared' && x.place !== '' && ' · '}
            {x.place}
          </span>
        ),
      },
      { id: 'release', name: t('software.release'), cell: (x) => <span className="la-mono">{x.release || '—'}</span> },
      { id: 'count', name: t('software.count'), cell: (x) => formatNumber(x.count, language), from: 'md' },
      { id: 'state', name: t('software.state'), cell: (x) => <State of={x} /> },
      { id: 'unit', name: t('software.unit'), cell: (x) => x.unitName, from: 'sm' },
    ],
    [t, language],
  );
  const tools = (
    <Group gap="xs">
      {mayDeclare && (
        <>
          <Button
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setEdited('new');
            }}
          >
            {t('software.add')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFileSpreadsheet size={15} />}
            onClick={() => {
              setSheet(true);
            }}
          >
            {t('software.import')}
          </Button>
        </>
      )}
      <Button size="xs" variant="default" component="a" download href={url('/software/sheet', { lang: language })} leftSection={<IconDownload size={15} />}>
        {t('software.export')}
      </Button>
    </Group>
  );
  const open = items.find((x) => x.id === id);
  return (
    <>
      <Group mb="xs">{tools}</Group>
      <List<Software>
        label={t('software.label')}
        items={items}
        id={(x) => x.id}
        name={(x) => x.product}
        columns={columns}
        query={query}
        tone={(x) => (x.exploited > 0 ? 'critical' : undefined)}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('software.find')}
              onChange={(text) => {
                void navigate({ search: (old) => ({ ...old, q: text, page: undefined }), replace: true });
              }}
            />
            <FilterChips
              label={t('software.originName')}
              values={origins}
              chosen={origins.filter((x) => x === origin)}
              single
              name={(x) => t(`software.origin.${x}`)}
              onChange={([x]) => {
                void navigate({ search: (old) => ({ ...old, origin: x, page: undefined }), replace: true });
              }}
            />
          </>
        }
        filtered={q !== undefined || origin !== undefined}
        onClear={() => {
          void navigate({ search: (old) => ({ ...old, q: undefined, origin: undefined, page: undefined }), replace: true });
        }}
        empty={<EmptyState icon={<IconApps size={34} />} title={t('software.empty')} text={t('software.emptyText')} steps={[t('software.step1'), t('software.step2'), t('software.step3')]} />}
        open={id}
        onOpen={(next) => {
          void navigate({ search: (old) => ({ ...old, id: next }), replace: id !== undefined });
        }}
        openName={open?.product}
        panel={(shown) => <Panel key={shown} id={shown} software={items.find((x) => x.id === shown)} onEdit={setEdited} />}
      />
      {total > pageSize && (
        <div className={css.pager}>
          <Button
            size="xs"
            variant="default"
            disabled={page === 0}
            onClick={() => {
              void navigate({ search: (old) => ({ ...old, page: page > 1 ? page - 1 : undefined }) });
            }}
          >
            {t('software.previous')}
          </Button>
          <Text size="sm">{t('software.page', { from: page * pageSize + 1, to: Math.min(total, (page + 1) * pageSize), total: formatNumber(total, language) })}</Text>
          <Button
            size="xs"
            variant="default"
            disabled={(page + 1) * pageSize >= total}
            onClick={() => {
              void navigate({ search: (old) => ({ ...old, page: page + 1 }) });
            }}
          >
            {t('software.next')}
          </Button>
        </div>
      )}
      {edited && (
        <SoftwareDialog
          software={edited === 'new' ? undefined : edited}
          onClose={() => {
            setEdited(undefined);
          }}
        />
      )}
      {sheet && (
        <SheetDialog
          onClose={() => {
            setSheet(false);
          }}
        />
      )}
    </>
  );
}

function State({ of: x }: { of: Software }) {
  const { t } = useTranslation('advisories');
  if (x.certain + x.possible === 0) return <span className="la-dim">{t('software.clean')}</span>;
  return (
    <>
      {x.exploited > 0 && <Badge tone="critical">{t('software.exploited', { count: x.exploited })}</Badge>}{' '}
      {x.certain > 0 && <Badge tone="high">{t('software.certain', { count: x.certain })}</Badge>}{' '}
      {x.possible > 0 && <Badge tone="low">{t('software.possible', { count: x.possible })}</Badge>}
    </>
  );
}

function Panel({ id, software, onEdit }: { id: string; software: Software | undefined; onEdit: (x: Software) => void }) {
  const { t } = useTranslation('advisories');
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  return (
    <>
      {software && (
        <>
          <dl className={css.facts}>
            <dt>{t('software.unit')}</dt>
            <dd>{software.unitName}</dd>
            <dt>{t('software.originName')}</dt>
            <dd>{t(`software.from.${software.origin}`)}</dd>
            {software.purl && (
              <>
                <dt>{t('software.purl')}</dt>
                <dd className="la-mono la-wrap">{software.purl}</dd>
              </>
            )}
            {software.cpe && (
              <>
                <dt>{t('software.cpe')}</dt>
                <dd className="la-mono">{software.cpe}</dd>
              </>
            )}
            {software.note && (
              <>
                <dt>{t('software.note')}</dt>
                <dd>{software.note}</dd>
              </>
            )}
          </dl>
          <Source of={software} />
          {software.mayDeclare && (
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  onEdit(software);
                }}
              >
                {t('software.edit')}
              </Button>
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setAsked(true);
                }}
              >
                {t('software.remove')}
              </Button>
            </Group>
          )}
        </>
      )}
      <h3 className={css.part}>{t('software.state')}</h3>
      <Matches filter={{ software: id }} vulnerability none={t('software.none')} />
      {asked && (
        <ConfirmDialog
          title={t('software.remove')}
          text={t('software.removeText')}
          confirm={t('software.remove')}
          danger
          onConfirm={async () => {
            await removeSoftware(id);
            await advisoriesChanged(client);
          }}
          onClose={() => {
            setAsked(false);
          }}
        />
      )}
    </>
  );
}

/** The way to where a line comes from. */
function Source({ of: x }: { of: Software }) {
  const { t } = useTranslation('advisories');
  const may = useMay();
  if (x.origin === 'inventory' && may('system.read'))
    return x.part === '' ? (
      <LinkButton to="/assets" search={{ q: x.product }} size="xs" variant="default">
        {t('software.toInventory')}
      </LinkButton>
    ) : (
      <LinkButton to="/systems/$id" params={{ id: x.part }} search={{ tab: 'assets' }} size="xs" variant="default">
        {t('software.toInventory')}
      </LinkButton>
    );
  if (x.origin === 'components' && may('vulnerability.read'))
    return (
      <LinkButton to="/vulnerabilities/imports" search={{ unit: x.unit }} size="xs" variant="default">
        {t('software.toComponents')}
      </LinkButton>
    );
  return null;
}

function SoftwareDialog({ software, onClose }: { software: Software | undefined; onClose: () => void }) {
  const { t } = useTranslation('advisories');
  const client = useQueryClient();
  const { user } = useSession();
  const [unit, setUnit] = useState(software?.unit ?? user.unit);
  const [body, setBody] = useState({
    vendor: software?.vendor ?? '',
    product: software?.product ?? '',
    release: software?.release ?? '',
    cpe: software?.cpe ?? '',
    place: software?.place ?? '',
    count: software?.count ?? 1,
    note: software?.note ?? '',
  });
  const save = useMutation({
    mutationFn: () => saveSoftware(body, unit, software),
    onSuccess: async () => {
      await advisoriesChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const text = (field: 'vendor' | 'product' | 'release' | 'cpe' | 'place', description?: string) => (
    <TextInput
      label={t(`software.${field}`)}
      description={description}
      required={field === 'product'}
      data-autofocus={field === 'vendor' || undefined}
      value={body[field]}
      error={fieldError(field)}
      onChange={(event) => {
        const value = event.currentTarget.value;
        setBody((old) => ({ ...old, [field]: value }));
      }}
    />
  );
  return (
    <Dialog opened onClose={onClose} title={software ? t('software.edit') : t('software.add')}>
      <Form
        error={save.error}
        fields={['unit', 'vendor', 'product', 'release', 'cpe', 'place', 'count', 'note']}
        submit={t('software.save')}
        busy={save.isPending}
        disabled={body.product.trim() === '' && body.cpe.trim() === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        {!software && <UnitField value={unit} error={fieldError('unit')} onChange={setUnit} />}
        {text('vendor')}
        {text('product')}
        {text('release', t('software.releaseHint'))}
        {text('place')}
        <NumberInput
          label={t('software.count')}
          min={1}
          max={1_000_000}
          value={body.count}
          error={fieldError('count')}
          onChange={(value) => {
            setBody((old) => ({ ...old, count: Number(value) || 1 }));
          }}
        />
        {text('cpe', t('software.cpeHint'))}
        <Textarea
          label={t('software.note')}
          autosize
          minRows={2}
          value={body.note}
          error={fieldError('note')}
          onChange={(event) => {
            const value = event.currentTarget.value;
            setBody((old) => ({ ...old, note: value }));
          }}
        />
      </Form>
    </Dialog>
  );
}

function UnitField({ value, error, onChange }: { value: string; error: string | undefined; onChange: (unit: string) => void }) {
  const { t } = useTranslation('advisories');
  const { data } = useQuery(unitsQuery);
  return (
    <Select
      label={t('software.unit')}
      searchable
      limit={100}
      data={(data?.items ?? []).map((u) => ({ value: u.id, label: u.name }))}
      value={value}
      error={error}
      onChange={(chosen) => {
        if (chosen) onChange(chosen);
      }}
    />
  );
}
