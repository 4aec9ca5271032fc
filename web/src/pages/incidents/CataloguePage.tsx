import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Select, Tabs, Text, TextInput } from '@mantine/core';
import { IconArrowLeft, IconListTree, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Piece, type PieceKind, savePiece } from '../../api/caseworkQueries';
import { catalogueQuery, type Playbook, type Taxonomy } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { Form } from '../../kit/Form';
import { List } from '../../kit/List';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { PieceView } from './PieceView';

const route = getRouteApi('/incidents/catalogue');
const tabs = ['playbooks', 'schemes'] as const satisfies readonly PieceKind[];

/** The taxonomies incidents are sorted by, and the playbooks they are answered with. */
export function CataloguePage() {
  const { t, i18n } = useTranslation('casework');
  const { tab = 'playbooks', id } = route.useSearch() as { tab?: PieceKind; id?: string };
  const navigate = route.useNavigate();
  const manages = useMay()('incident.catalogue');
  const query = useQuery(catalogueQuery);
  const [adding, setAdding] = useState(false);
  const name = (one: { vi: string; name: string }) => (i18n.language === 'vi' ? one.vi : one.name);
  const to = (kind: PieceKind, piece?: string) => ({ ...(kind === 'schemes' && { tab: 'schemes' as const }), ...(piece !== undefined && { id: piece }) });
  const address = (piece: string) => `/incidents/catalogue?${new URLSearchParams(to(tab, piece)).toString()}`;
  if (id !== undefined) {
    return (
      <div className={page.page}>
        <Link to="/incidents/catalogue" search={to(tab)} className={page.back}>
          <IconArrowLeft size={15} /> {t('catalogue.title')}
        </Link>
        <PieceView
          key={`${tab} ${id}`}
          kind={tab}
          id={id}
          onGone={() => void navigate({ search: to(tab) })}
        />
      </div>
    );
  }
  return (
    <div className={page.page} data-full>
      <Link to="/incidents" className={page.back}>
        <IconArrowLeft size={15} /> {t('figures.back')}
      </Link>
      <PageHeader title={t('catalogue.title')}>
        {manages && (
          <Button
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t(tab === 'schemes' ? 'catalogue.newScheme' : 'catalogue.new')}
          </Button>
        )}
      </PageHeader>
      <Text size="sm" className="la-dim" mb="sm">
        {t('catalogue.intro')} {!manages && t('catalogue.readOnly')}
      </Text>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => void navigate({ search: to(value === 'schemes' ? 'schemes' : 'playbooks'), replace: true })}
      >
        <Tabs.List mb="sm">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`catalogue.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="playbooks">
          <List<Playbook>
            label={t('catalogue.tab.playbooks')}
            items={query.data?.playbooks ?? []}
            id={(one) => one.id}
            name={name}
            query={query}
            page={(one) => address(one.id)}
            columns={[
              { id: 'name', name: t('catalogue.tab.playbooks'), main: true, cell: name, compare: (a, b) => name(a).localeCompare(name(b), 'vi') },
              { id: 'id', name: t('catalogue.id'), from: 'md', cell: (one) => <span className="la-mono">{one.id}</span> },
              { id: 'tasks', name: t('catalogue.tasksColumn'), number: true, cell: (one) => one.tasks?.length ?? 0 },
            ]}
            empty={<EmptyState icon={<IconListTree size={32} />} title={t('catalogue.title')} text={t('catalogue.intro')} />}
          />
        </Tabs.Panel>
        <Tabs.Panel value="schemes">
          <List<Taxonomy>
            label={t('catalogue.tab.schemes')}
            items={query.data?.schemes ?? []}
            id={(one) => one.id}
            name={name}
            query={query}
            page={(one) => address(one.id)}
            columns={[
              { id: 'name', name: t('catalogue.tab.schemes'), main: true, cell: name, under: (one) => one.default && <Badge tone="ok">{t('catalogue.default')}</Badge> },
              { id: 'source', name: t('catalogue.source'), from: 'md', cell: (one) => one.source },
              {
                id: 'categories',
                name: t('catalogue.categoriesColumn'),
                number: true,
                cell: (one) => (one.groups ?? []).reduce((sum, group) => sum + (group.categories?.length ?? 0), 0),
              },
            ]}
            empty={<EmptyState icon={<IconListTree size={32} />} title={t('catalogue.title')} text={t('catalogue.intro')} />}
          />
        </Tabs.Panel>
      </Tabs>
      {adding && (
        <NewPiece
          kind={tab}
          from={(tab === 'schemes' ? query.data?.schemes : query.data?.playbooks) ?? []}
          onClose={() => {
            setAdding(false);
          }}
          onMade={(made) => void navigate({ search: to(tab, made) })}
        />
      )}
    </div>
  );
}

/** Begins another piece as a copy of one that is there: nobody begins with an empty page. */
function NewPiece({ kind, from, onClose, onMade }: { kind: PieceKind; from: readonly { id: string; vi: string; name: string }[]; onClose: () => void; onMade: (id: string) => void }) {
  const { t, i18n } = useTranslation('casework');
  const client = useQueryClient();
  const [id, setId] = useState('');
  const [source, setSource] = useState<string | null>(from[0]?.id ?? null);
  const save = useMutation({
    mutationFn: async () => {
      const [{ renamed }, piece] = await Promise.all([import('../../lib/catalogueText'), call<Piece>(`/incidents/catalogue/${kind}/${encodeURIComponent(source ?? '')}`)]);
      return savePiece(kind, id, renamed(piece.text, id), 0);
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['incident catalogue'] });
      onMade(made.id);
    },
  });
  const fits = /^[a-z0-9][a-z0-9-]{0,47}$/.test(id) && !from.some((one) => one.id === id);
  return (
    <Dialog opened onClose={onClose} title={t(kind === 'schemes' ? 'catalogue.newScheme' : 'catalogue.new')}>
      <Form
        error={save.error}
        submit={t('catalogue.create')}
        busy={save.isPending}
        disabled={!fits || source === null}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <TextInput
          label={t('catalogue.id')}
          description={t('catalogue.idHint')}
          data-autofocus
          maxLength={48}
          value={id}
          onChange={(event) => {
            setId(event.currentTarget.value.trim());
          }}
        />
        <Select
          label={t('catalogue.copyOf')}
          data={from.map((one) => ({ value: one.id, label: i18n.language === 'vi' ? one.vi : one.name }))}
          value={source}
          onChange={setSource}
          allowDeselect={false}
        />
      </Form>
    </Dialog>
  );
}
