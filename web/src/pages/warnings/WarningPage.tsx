import '../../i18n/warnings';

import { Alert, Button, Group, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { audienceQuery, changeWarning, endWarning, stepWarning, type WarningFacts, warningQuery, warningsChanged } from '../../api/warningQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { TlpBadge } from '../../kit/badges';
import { DrillBand } from '../../kit/Drill';
import { LevelBadge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import { AudienceTab } from './AudienceTab';
import { BoardTab } from './BoardTab';
import { Editor } from './Editor';
import { LetterDialog } from './LetterDialog';
import { Waiting, WarningBody, WarningState } from './marks';

const route = getRouteApi('/warnings/$id');
const DocumentsOf = lazy(() => import('../documents/DocumentsOf').then((m) => ({ default: m.DocumentsOf })));
type Ask = 'publish' | 'return' | 'withdraw';

/** One warning at the centre: what it says, whom it is for, and how far they are. */
export function WarningPage() {
  const { t } = useTranslation('warnings');
  const { id } = route.useParams();
  const client = useQueryClient();
  const query = useQuery(warningQuery(id));
  const audience = useQuery(audienceQuery(id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [dirty, setDirty] = useState(false);
  const [ask, setAsk] = useState<Ask>();
  const [letter, setLetter] = useState(false);
  const may = useMay();
  const w = query.data;
  const save = useMutation({
    mutationFn: (facts: WarningFacts) => changeWarning(id, w?.version ?? 0, facts),
    onSuccess: async () => {
      toast({ message: t('saved'), autoClose: 4_000 });
      setDirty(false);
      await warningsChanged(client);
    },
  });
  const submit = useMutation({
    mutationFn: () => stepWarning(id, 'submit', w?.version ?? 0),
    onSuccess: async () => {
      toast({ message: t('submitted'), autoClose: 6_000 });
      await warningsChanged(client);
    },
  });
  if (!w) return <Waiting query={query} />;
  const sent = w.state === 'published' || w.state === 'closed' || w.code !== '';
  const draft = w.state === 'draft';
  const tab = chosen ?? (sent ? 'board' : 'text');
  const mayWithdraw = w.state === 'published' ? w.mayPublish || w.wroteIt : w.mayWrite && (draft || w.state === 'review');
  const act = async (reason: string) => {
    if (ask === 'publish') {
      const done = await stepWarning(id, 'publish', w.version);
      toast({ message: t('published', { code: done.code }), autoClose: 6_000 });
    } else if (ask) await endWarning(id, ask, w.version, reason);
    await warningsChanged(client);
  };
  return (
    <div className={page.page} data-full>
      <Link to="/warnings" className={page.back}>
        ← {t('back')}
      </Link>
      <PageHeader title={w.code === '' ? w.title : `${w.code} · ${w.title}`}>
        {draft && w.mayWrite && (
          <Button size="xs" disabled={dirty} loading={submit.isPending} onClick={() => { submit.mutate(); }}>
            {t('submit')}
          </Button>
        )}
        {w.state === 'review' && w.mayPublish && (
          <>
            <Button size="xs" variant="default" onClick={() => { setAsk('return'); }}>
              {t('return')}
            </Button>
            <Button size="xs" onClick={() => { setAsk('publish'); }}>
              {t('publish')}
            </Button>
          </>
        )}
        {sent && w.state !== 'withdrawn' && may('document.draft') && (
          <Button size="xs" variant="default" onClick={() => { setLetter(true); }}>
            {t('letter')}
          </Button>
        )}
        {mayWithdraw && (
          <Button size="xs" variant="default" onClick={() => { setAsk('withdraw'); }}>
            {t('withdraw')}
          </Button>
        )}
      </PageHeader>
      {w.drill && <DrillBand text={t('drillText')} />}
      <Group gap="xs" mb="sm">
        <WarningState state={w.state} />
        <LevelBadge level={w.severity} />
        <TlpBadge tlp={w.tlp} />
        <Text size="sm">{t(`kinds.${w.kind}`)}</Text>
        {w.tally.sent > 0 && <Text size="sm">{t('progressText', { ...w.tally })}</Text>}
      </Group>
      {submit.error && <ErrorState error={submit.error} />}
      {w.reason !== '' && (
        <Alert color="yellow" mb="sm">
          {t('reasonWas', { reason: w.reason })}
        </Alert>
      )}
      {w.state === 'review' && w.wroteIt && (
        <Alert color="blue" mb="sm">
          {t('fourEyes')}
        </Alert>
      )}
      <Tabs value={tab} keepMounted={false} onChange={setChosen}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="text">{draft && w.mayWrite ? t('edit') : t('text.content')}</Tabs.Tab>
          <Tabs.Tab value="audience">{t('audience')}</Tabs.Tab>
          <Tabs.Tab value="board">{t('board')}</Tabs.Tab>
          {sent && may('document.read') && <Tabs.Tab value="documents">{t('letters')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="text" keepMounted>
          {(draft || w.state === 'review') && w.mayWrite ? (
            <Editor key={w.version} facts={w.facts} submit={t('save')} busy={save.isPending} error={save.error} onSubmit={save.mutate} onDirty={setDirty} />
          ) : (
            <section className="la-card" style={{ padding: 16, maxWidth: 900 }}>
              <WarningBody text={w.facts.text} />
            </section>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="audience">
          <AudienceTab warning={w} dirty={dirty} />
        </Tabs.Panel>
        <Tabs.Panel value="board">
          <BoardTab id={id} />
        </Tabs.Panel>
        {sent && may('document.read') && (
          <Tabs.Panel value="documents">
            <Suspense fallback={<Rows count={4} />}>
              <DocumentsOf subject={{ kind: 'warning', id }} unit={centreUnit} />
            </Suspense>
          </Tabs.Panel>
        )}
      </Tabs>
      {letter && <LetterDialog id={id} onClose={() => { setLetter(false); }} />}
      {ask && (
        <ConfirmDialog
          title={t(ask)}
          text={ask === 'publish' ? t('publishText', { count: audience.data?.units ?? 0 }) : t(`${ask}Text`)}
          confirm={t(ask)}
          danger={ask === 'withdraw'}
          {...(ask !== 'publish' && { reason: 'required' as const })}
          onConfirm={act}
          onClose={() => {
            setAsk(undefined);
          }}
        />
      )}
    </div>
  );
}
