import '../../i18n/warnings';

import { Button, FileButton, Group, Radio, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addProof, copyQuery, copyVerb, proofAddress, type WarningCopyDetail, warningsChanged } from '../../api/warningQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { DrillBand } from '../../kit/Drill';
import { Form, useFieldErrors } from '../../kit/Form';
import { TlpBadge } from '../../kit/badges';
import { LevelBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { CopyState, Waiting, WarningBody } from './marks';

const route = getRouteApi('/warnings/$id/$of');
const DocumentsOf = lazy(() => import('../documents/DocumentsOf').then((m) => ({ default: m.DocumentsOf })));
const answers = ['fixed', 'not-us', 'need-help'] as const;

/** What a unit reads and answers, and what the centre verifies of it. */
export function CopyPage() {
  const { t } = useTranslation('warnings');
  const { id, of } = route.useParams();
  const query = useQuery(copyQuery(id, of));
  const may = useMay();
  const c = query.data;
  if (!c) return <Waiting query={query} />;
  return (
    <div className={page.page} data-full>
      <Link to="/warnings" className={page.back}>
        ← {t('back')}
      </Link>
      <PageHeader title={`${c.code} · ${c.title}`} />
      {c.drill && <DrillBand text={t('drillText')} />}
      <Group gap="xs" mb="sm">
        <CopyState copy={c} />
        <LevelBadge level={c.severity} />
        <TlpBadge tlp={c.tlp} />
        <Text size="sm">{c.unitName}</Text>
        <Text size="sm">
          {t('ackBy')}: <Time at={c.ackBy} /> · {t('fixBy')}: <Time at={c.fixBy} />
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <section className="la-card" style={{ padding: 16, alignSelf: 'start' }}>
          <Text size="sm" mb="sm">
            {t('source')}: {c.grade.source} · {t(`reliabilities.${c.grade.reliability}`)} · {t(`credibilities.${String(c.grade.credibility) as '1'}`)}
          </Text>
          {c.reason !== '' && <Text fw={600}>{t('reasonWas', { reason: c.reason })}</Text>}
          <WarningBody text={c.text} />
          <Lists copy={c} />
        </section>
        <Stack gap="md">
          {c.mayAnswer && <AnswerForm copy={c} />}
          <Proofs copy={c} />
          {c.mayVerify && <Verify copy={c} />}
          {may('document.read') && (
            <Suspense fallback={<Rows count={3} />}>
              <DocumentsOf subject={{ kind: 'warning', id: `${id}/${of}` }} unit={of} />
            </Suspense>
          )}
          <History copy={c} />
        </Stack>
      </SimpleGrid>
    </div>
  );
}

function Lists({ copy: c }: { copy: WarningCopyDetail }) {
  const { t } = useTranslation('warnings');
  const groups = [
    ['products', c.products.map((p) => [p.vendor, p.name, p.versions ?? ''].filter((x) => x !== '').join(' '))],
    ['cves', c.cves],
    ['indicators', c.indicators.map((i) => i.value)],
  ] as const;
  return (
    <>
      {groups.map(
        ([name, list]) =>
          list.length > 0 && (
            <section key={name}>
              <Text fw={600} mt="sm" component="h3" fz="md">
                {t(name)}
              </Text>
              <ul style={{ margin: 0, paddingLeft: 20 }}>
                {list.map((value) => (
                  <li key={value}>
                    <Text size="sm" className="la-wrap" component="span">
                      {value}
                    </Text>
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </>
  );
}

function AnswerForm({ copy: c }: { copy: WarningCopyDetail }) {
  const { t } = useTranslation('warnings');
  const client = useQueryClient();
  const [answer, setAnswer] = useState<(typeof answers)[number]>('fixed');
  const [words, setWords] = useState('');
  const acknowledge = useMutation({ mutationFn: () => copyVerb(c.warning, c.unit, 'acknowledge'), onSettled: () => warningsChanged(client) });
  const send = useMutation({
    mutationFn: () => copyVerb(c.warning, c.unit, 'answer', { answer, text: words.trim() }),
    onSuccess: async () => {
      toast({ message: t('sent'), autoClose: 5_000 });
      setWords('');
      await warningsChanged(client);
    },
  });
  const fieldError = useFieldErrors(send.error);
  return (
    <section className="la-card" style={{ padding: 16 }} aria-label={t('yourAnswer')}>
      <Text component="h2" fz="lg" fw={600} mb="xs">
        {t('yourAnswer')}
      </Text>
      {acknowledge.error && <ErrorState error={acknowledge.error} />}
      {c.acknowledgedAt === undefined && (
        <Button mb="sm" loading={acknowledge.isPending} onClick={() => { acknowledge.mutate(); }}>
          {t('acknowledge')}
        </Button>
      )}
      <Form error={send.error} fields={['text']} submit={t('send')} busy={send.isPending} onSubmit={() => { send.mutate(); }}>
        <Radio.Group
          label={t('answer')}
          value={answer}
          onChange={(value) => {
            setAnswer(answers.find((a) => a === value) ?? 'fixed');
          }}
        >
          <Stack gap="xs" mt={4}>
            {answers.map((value) => (
              <Radio key={value} value={value} label={t(`answers.${value}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={t('evidence')}
          description={t(`answerHint.${answer}`)}
          autosize
          minRows={3}
          maxRows={12}
          maxLength={4_000}
          value={words}
          error={fieldError('text')}
          onChange={(event) => {
            setWords(event.currentTarget.value);
          }}
        />
      </Form>
    </section>
  );
}

function Proofs({ copy: c }: { copy: WarningCopyDetail }) {
  const { t } = useTranslation('warnings');
  const client = useQueryClient();
  const add = useMutation({ mutationFn: (file: File) => addProof(c.warning, c.unit, file), onSettled: () => warningsChanged(client) });
  if (!c.mayAnswer && c.files.length === 0) return null;
  return (
    <section className="la-card" style={{ padding: 16 }} aria-label={t('files')}>
      <Group justify="space-between" mb={4}>
        <Text component="h2" fz="lg" fw={600}>
          {t('files')}
        </Text>
        {c.mayAnswer && (
          <FileButton onChange={(file) => { if (file) add.mutate(file); }}>
            {(props) => (
              <Button {...props} size="xs" variant="default" loading={add.isPending}>
                {t('addFile')}
              </Button>
            )}
          </FileButton>
        )}
      </Group>
      {c.mayAnswer && (
        <Text size="xs" className="la-dim">
          {t('fileText')}
        </Text>
      )}
      {add.error && <ErrorState error={add.error} />}
      {c.files.map((f) => (
        <div key={f.id}>
          <a href={proofAddress(c.warning, c.unit, f.id)} download={f.name}>
            {f.name}
          </a>
          <Text size="xs" className="la-mono la-wrap la-dim">
            {t('hash', { sum: f.sha256 })}
          </Text>
        </div>
      ))}
    </section>
  );
}

type Verb = 'settle' | 'reopen' | 'reply' | 'scan';

function Verify({ copy: c }: { copy: WarningCopyDetail }) {
  const { t } = useTranslation('warnings');
  const client = useQueryClient();
  const [verb, setVerb] = useState<Verb>();
  const [found, setFound] = useState('clean');
  const check = useMutation({ mutationFn: () => copyVerb(c.warning, c.unit, 'recheck'), onSettled: () => warningsChanged(client) });
  const r = c.recheck;
  const verbs: Verb[] = c.open ? ['settle', 'scan', 'reply', ...(c.answer === '' ? [] : (['reopen'] as const))] : ['reopen', 'reply'];
  return (
    <section className="la-card" style={{ padding: 16 }} aria-label={t('recheck')}>
      <Text component="h2" fz="lg" fw={600} mb="xs">
        {t('recheck')}
      </Text>
      {r.state !== '' && (
        <Text size="sm" mb="xs">
          {t(`results.${r.state}`, { count: r.events })} {r.at && <Time at={r.at} />} {r.note}
        </Text>
      )}
      {check.error && <ErrorState error={check.error} />}
      <Group gap="xs">
        {c.open && c.answer === 'fixed' && (
          <Button size="xs" loading={check.isPending} onClick={() => { check.mutate(); }}>
            {t('recheckNow')}
          </Button>
        )}
        {r.query !== '' && (
          <LinkButton size="xs" variant="default" to="/search" search={{ q: `(${r.query}) AND unit:${c.unit}`, ...(r.from && { from: r.from }), ...(r.to && { to: r.to }) }}>
            {t('toSearch')}
          </LinkButton>
        )}
        {verbs.map((name) => (
          <Button key={name} size="xs" variant="default" onClick={() => { setVerb(name); }}>
            {t(name)}
          </Button>
        ))}
      </Group>
      {verb && (
        <ConfirmDialog
          title={t(verb)}
          text={t(`${verb}Text`)}
          confirm={t(verb)}
          reason="required"
          {...(verb === 'scan' && { reasonHint: t('scanNote') })}
          onConfirm={async (words) => {
            await copyVerb(c.warning, c.unit, verb, verb === 'scan' ? { found: found === 'found', note: words } : { text: words });
            await warningsChanged(client);
          }}
          onClose={() => {
            setVerb(undefined);
          }}
        >
          {verb === 'scan' && (
            <Radio.Group label={t('scanResult')} value={found} onChange={setFound}>
              <Stack gap="xs" mt={4}>
                <Radio value="clean" label={t('scanClean')} />
                <Radio value="found" label={t('scanFound')} />
              </Stack>
            </Radio.Group>
          )}
        </ConfirmDialog>
      )}
    </section>
  );
}

function History({ copy: c }: { copy: WarningCopyDetail }) {
  const { t } = useTranslation('warnings');
  return (
    <section className="la-card" style={{ padding: 16 }} aria-label={t('history')}>
      <Text component="h2" fz="lg" fw={600} mb="xs">
        {t('history')}
      </Text>
      <Stack gap="xs">
        {c.steps.map((x) => (
          <div key={x.id}>
            <Text size="sm">
              <strong>{t(`steps.${x.kind}`)}</strong>
              {x.detail.answer !== undefined && `: ${t(`answers.${x.detail.answer as 'fixed'}`)}`}
              {x.detail.result !== undefined && `: ${t(`results.${x.detail.result as 'clean'}`, { count: Number(x.detail.events ?? 0) })}`}
              {x.detail.name !== undefined && `: ${x.detail.name}`}
            </Text>
            {x.text !== '' && (
              <Text size="sm" className="la-wrap" style={{ whiteSpace: 'pre-wrap' }}>
                {x.text}
              </Text>
            )}
            <Text size="xs" className="la-dim">
              <Time at={x.at} /> · {x.by === 'system' ? t('system') : x.by}
            </Text>
          </div>
        ))}
      </Stack>
    </section>
  );
}
