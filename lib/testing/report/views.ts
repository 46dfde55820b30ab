import { dirname } from 'node:path';
import type { LadderLanguage } from '../../evidence';
import type { Report } from '../types';
import { ctrfJson } from './ctrf';
import { htmlParts } from './html/html-report';
import { junitXml } from './junit';
import { linkTo } from './links';
import { reportJson } from './read-report';
import { relocated } from './relocate';
import { writeWhole } from './write-file';

/** Usual names of the files. */
export const VIEW_FILES = {
  json: 'report.json',
  junit: 'junit.xml',
  html: 'report.html',
  ctrf: 'ctrf-report.json',
} as const;

export type ViewName = keyof typeof VIEW_FILES;

export interface ViewOptions {
  /** Folder that the paths in the report are relative to: the one of its file. */
  base: string;
  /** Of the words of a page; as the browser likes it when absent. */
  language?: LadderLanguage;
}

/**
 * Writes a report as JSON, or a view of it. The file is whole or as it was before. Paths in it are relative to the
 * file; those in JUnit XML, which CI servers read, to the working folder.
 *
 * @throws SipflowError FILE_ACCESS
 */
export async function writeView(
  view: ViewName,
  report: Report,
  file: string,
  { base, language }: ViewOptions,
): Promise<void> {
  const beside = (path: string): string => linkTo(path, base, dirname(file));
  switch (view) {
    case 'json':
      return writeWhole(file, [reportJson(relocated(report, base, dirname(file)))]);
    case 'junit':
      return writeWhole(file, [junitXml(report, { link: (path) => linkTo(path, base, process.cwd()) })]);
    case 'html':
      return writeWhole(
        file,
        htmlParts(report, { base, folder: dirname(file), ...(language ? { language } : {}) }),
      );
    case 'ctrf':
      return writeWhole(file, [ctrfJson(report, { link: beside })]);
  }
}
