; Setup of one application: for the person who runs it, without an administrator's rights.
; Silent: /S, to another folder: /D=C:\folder (last, without quotes). Exit codes: 0 done, 1 stopped, 2 the program runs.
Unicode true
Target amd64-unicode
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 64
SetDateSave off
!include MUI2.nsh
!include FileFunc.nsh
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\MAB-@ROLE@"

Name "@TITLE@"
OutFile "@OUT@"
InstallDir "$LOCALAPPDATA\Programs\MAB\@ROLE@"
InstallDirRegKey HKCU "Software\MAB\@ROLE@" "Folder"
BrandingText "MAB @VERSION@"
VIProductVersion "@NUMBERS_DOTTED@"
VIAddVersionKey /LANG=0 "ProductName" "@TITLE@"
VIAddVersionKey /LANG=0 "FileDescription" "@TITLE@"
VIAddVersionKey /LANG=0 "CompanyName" "@PUBLISHER@"
VIAddVersionKey /LANG=0 "LegalCopyright" "MIT licence"
VIAddVersionKey /LANG=0 "FileVersion" "@VERSION@"
VIAddVersionKey /LANG=0 "ProductVersion" "@VERSION@"

!define MUI_ICON "@ICON@"
!define MUI_UNICON "@ICON@"
!define MUI_FINISHPAGE_RUN "$INSTDIR\@TITLE@.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Russian"
!insertmacro MUI_LANGUAGE "English"
LangString RUNS ${LANG_RUSSIAN} "Бағдарлама ашық: оны жауып, қайта бастаңыз.$\n$\nПрограмма открыта. Закройте её и начните снова."
LangString RUNS ${LANG_ENGLISH} "The program is open. Close it and start again."
LangString KEPT ${LANG_RUSSIAN} "Деректер сақталды. Данные сохранены: $LOCALAPPDATA\mab-desktop"
LangString KEPT ${LANG_ENGLISH} "The data were kept: $LOCALAPPDATA\mab-desktop"

; A running program holds its own file: nothing is changed under its feet.
!macro REFUSE_WHILE_RUNNING
  ClearErrors
  IfFileExists "$INSTDIR\@TITLE@.exe" 0 +7
  FileOpen $0 "$INSTDIR\@TITLE@.exe" a
  IfErrors 0 +4
  MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNS)" /SD IDOK
  SetErrorLevel 2
  Quit
  FileClose $0
!macroend

Section
  !insertmacro REFUSE_WHILE_RUNNING
  ; The version before goes first, file by file; who installed what when stays.
  IfFileExists "$INSTDIR\uninstall.exe" 0 +3
  ExecWait '"$INSTDIR\uninstall.exe" /S /UPGRADE _?=$INSTDIR'
  Delete "$INSTDIR\uninstall.exe"
  !include "@INSTALL@"
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateDirectory "$SMPROGRAMS\MAB"
  CreateShortcut "$SMPROGRAMS\MAB\@TITLE@.lnk" "$INSTDIR\@TITLE@.exe"
  WriteRegStr HKCU "Software\MAB\@ROLE@" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "@TITLE@"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "@VERSION@"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "@PUBLISHER@"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\@TITLE@.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" @SIZE@
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  nsExec::Exec '"$INSTDIR\mab.exe" installation --note'
  Pop $0
SectionEnd

Section "Uninstall"
  !insertmacro REFUSE_WHILE_RUNNING
  !include "@UNINSTALL_FILES@"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/UPGRADE" $1
  IfErrors 0 upgraded
  Delete "$INSTDIR\installation.json"
  Delete "$SMPROGRAMS\MAB\@TITLE@.lnk"
  RMDir "$SMPROGRAMS\MAB"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\MAB\@ROLE@"
  DeleteRegKey /ifempty HKCU "Software\MAB"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DetailPrint "$(KEPT)"
upgraded:
SectionEnd
