import { Button, Group, NumberInput, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { LayerFacts, LayerStanding, SystemLayers } from '../../api/standingQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { Time } from '../../ui/Time';
import { DayInput } from '../units/fields';
import { showDay } from '../units/tree';
import css from './standing.module.css';
import { useSaved } from './useSaved';

const noFacts: LayerFacts = { number: '', day: '', organisation: '', contacts: [], assets: 0, monitored: 0, until: '', note: '' };

type Write = (layer: number, facts: LayerFacts, version: number) => Promise<unknown>;

interface Props {
  of: Pick<SystemLayers, 'layers' | 'mayDeclare' | 'model'>;
  write: Write;
}

/** The four layers of a system or a unit: what is written of each, and what it lacks. */
export function Layers({ of: x, write }: Props) {
  const { t, i18n } = useTranslation('standing');
  const [writing, setWriting] = useState<LayerStanding>();
  return (
    <>
      {x.layers.map((l) => {
        const name = i18n.language === 'vi' ? l.vi : l.name;
        const f = l.facts;
        return (
          <section key={l.layer} className={`la-card ${css.section ?? ''}`} aria-label={t('layer.title', { layer: l.layer, name })}>
            <div className={css.line}>
              <strong>{t('layer.title', { layer: l.layer, name })}</strong>
              <Badge tone={l.done ? 'ok' : 'high'}>{t(l.done ? 'layer.done' : 'layer.missing')}</Badge>
              {l.inherited && <span className="la-dim">{t('layer.inherited')}</span>}
              {x.mayDeclare && l.layer < 4 && (
                <Button size="compact-sm" variant="default" onClick={() => { setWriting(l); }}>
                  {t('layer.write', { layer: l.layer })}
                </Button>
              )}
            </div>
            {l.missing.length > 0 && (
              <ul>
                {l.missing.map((code) => (
                  <li key={code}>{t(`layer.lacks.${code as 'decision'}`)}</li>
                ))}
              </ul>
            )}
            {f && (
              <Text size="sm" component="div">
                {[f.organisation, f.number, showDay(f.day)].filter(Boolean).join(' · ')}
                {f.contacts.map((c) => (
                  <div key={c.name}>{[c.name, c.position, c.phone, c.mail].filter(Boolean).join(' · ')}</div>
                ))}
                {f.assets > 0 && <div>{t('layer.share', { monitored: f.monitored, assets: f.assets, share: Math.floor((100 * f.monitored) / f.assets) })}</div>}
                {f.note && <div className={css.text}>{f.note}</div>}
              </Text>
            )}
            {!f && l.layer < 4 && <Text size="sm" className="la-dim">{t('layer.nothing')}</Text>}
            {l.until && <Text size="sm">{t('layer.cycle', { day: showDay(l.until) })}</Text>}
            {l.feeds && !l.feeds.at && <Text size="sm" className="la-dim">{t('layer.notLooked')}</Text>}
            {l.feeds?.at && (
              <Text size="sm" component="div">
                <div>{t('layer.monitoringFeed')}: {l.feeds.monitoring ? <Time at={l.feeds.monitoring} /> : t('layer.neverHeard')}</div>
                <div>{t('layer.malwareFeed')}: {l.feeds.malware ? <Time at={l.feeds.malware} /> : t('layer.neverHeard')}</div>
              </Text>
            )}
          </section>
        );
      })}
      <Text size="sm" className="la-dim">
        {t('layer.text', { basis: x.model.basis })} {t('verifyText', { text: x.model.verify })}
      </Text>
      {writing && <LayerDialog write={write} layer={writing} onClose={() => { setWriting(undefined); }} />}
    </>
  );
}

function LayerDialog({ write, layer: l, onClose }: { write: Write; layer: LayerStanding; onClose: () => void }) {
  const { t, i18n } = useTranslation('standing');
  const [f, setF] = useState<LayerFacts>(l.facts ?? noFacts);
  const set = (change: Partial<LayerFacts>) => { setF((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => write(l.layer, f, l.version), onSuccess: saved });
  const error = useFieldErrors(save.error);
  const n = l.layer as 1 | 2 | 3;
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('layer.title', { layer: n, name: i18n.language === 'vi' ? l.vi : l.name })}>
      <Form error={save.error} fields={Object.keys(noFacts)} submit={t('layer.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <TextInput label={t(`layer.organisation${n}`)} data-autofocus maxLength={300} value={f.organisation} error={error('organisation')} onChange={(e) => { set({ organisation: e.currentTarget.value }); }} />
        <TextInput label={t(`layer.number${n}`)} maxLength={200} value={f.number} error={error('number')} onChange={(e) => { set({ number: e.currentTarget.value }); }} />
        <DayInput label={t(`layer.day${n}`)} value={f.day} error={error('day')} onChange={(day) => { set({ day }); }} />
        {n === 1 && (
          <div role="group" aria-label={t('layer.contacts')}>
            <Text size="sm">{t('layer.contacts')}</Text>
            {f.contacts.map((c, i) => {
              const change = (part: Partial<typeof c>) => { set({ contacts: f.contacts.map((old, at) => (at === i ? { ...old, ...part } : old)) }); };
              return (
                <Group key={i} align="end" gap="xs" mb="xs">
                  <TextInput label={t('layer.contactName')} maxLength={200} value={c.name} onChange={(e) => { change({ name: e.currentTarget.value }); }} />
                  <TextInput label={t('layer.contactPhone')} maxLength={50} value={c.phone} onChange={(e) => { change({ phone: e.currentTarget.value }); }} />
                  <TextInput label={t('layer.contactMail')} maxLength={200} value={c.mail} onChange={(e) => { change({ mail: e.currentTarget.value }); }} />
                  <Button variant="subtle" color="red" aria-label={t('layer.contactRemove', { number: i + 1 })} onClick={() => { set({ contacts: f.contacts.filter((_, at) => at !== i) }); }}>×</Button>
                </Group>
              );
            })}
            {error('contacts') && <Text size="sm" c="red">{error('contacts')}</Text>}
            <Button size="xs" variant="default" onClick={() => { set({ contacts: [...f.contacts, { name: '', position: '', phone: '', mail: '' }] }); }}>
              {t('layer.contactAdd')}
            </Button>
          </div>
        )}
        {n === 2 && (
          <>
            <Group>
              <NumberInput label={t('layer.assets')} min={0} allowDecimal={false} value={f.assets} error={error('assets')} onChange={(v) => { set({ assets: Number(v) || 0 }); }} />
              <NumberInput label={t('layer.monitored')} min={0} allowDecimal={false} value={f.monitored} error={error('monitored')} onChange={(v) => { set({ monitored: Number(v) || 0 }); }} />
            </Group>
            <DayInput label={t('layer.until')} value={f.until} error={error('until')} onChange={(until) => { set({ until }); }} />
          </>
        )}
        <Textarea label={t('layer.note')} autosize minRows={1} maxLength={4000} value={f.note} error={error('note')} onChange={(e) => { set({ note: e.currentTarget.value }); }} />
      </Form>
    </Dialog>
  );
}
